-- A person's move of one order from the version and status that the person was shown: the order row, the attempt, the
-- events and the audit row together. An order that has moved on meanwhile is left alone and the answer is empty.
-- One that a person takes up ($14) tells so: its story passes through held, two events, two versions.
-- $1 id, $2 version, $3 its status, $4 new status, $5 reason, $6 attempt state or null, $7 due in ms or null,
-- $8 sealed pin or null, $9 event type or null, $10 what, $11 who, $12 note, $13 the PIN's print or null: when another
-- order has that print, nothing is written, $14 whether it is taken up first, $15 the reason's code
WITH seen AS (
  -- Locked before the PIN is claimed, so that an order that is not moved never keeps a claim.
  SELECT id FROM orders WHERE id = $1::uuid AND version = $2::int AND status = $3::text
    -- Nobody sends what its shop claimed back meanwhile.
    AND ($4::text <> 'pending' OR refund_claimed_at IS NULL)
  FOR UPDATE
), claimed AS (
  INSERT INTO pins (print, order_id) SELECT encode(substring($13::bytea FOR 16), 'hex')::uuid, id FROM seen
  WHERE $13::bytea IS NOT NULL AND NOT EXISTS (SELECT FROM pin_prints p WHERE p.print = $13::bytea)
  ON CONFLICT (print) DO NOTHING
  RETURNING order_id
), moved AS (
  UPDATE orders o SET
    came_from = o.status,
    status = $4::text,
    version = o.version + CASE WHEN $14::boolean THEN 2 ELSE 1 END,
    reason = $5::text, reason_code = $15::text, pin_of = NULL,
    coded_for = reason_mark(o.version + CASE WHEN $14::boolean THEN 2 ELSE 1 END, 0),
    checks = 0,
    -- The deadline for the provider's answer begins anew, or the first check would hold the order again.
    sent_at = CASE WHEN $4::text = 'sent' THEN now() ELSE o.sent_at END,
    due_at = now() + $7::bigint * interval '1 millisecond',
    -- Of a contested one without a new PIN the old one was right.
    pin = coalesce($8::bytea, CASE WHEN $4::text = 'completed' AND o.status = 'contested' THEN o.pin END),
    stage = CASE WHEN $4::text <> 'pending' THEN o.stage END,
    updated_at = now()
  FROM seen
  WHERE o.id = seen.id AND o.version = $2::int
    AND ($13::bytea IS NULL
      OR EXISTS (SELECT FROM claimed)
      OR EXISTS (
        SELECT FROM pins p WHERE p.print = encode(substring($13::bytea FOR 16), 'hex')::uuid AND p.order_id = $1::uuid)
      OR EXISTS (SELECT FROM pin_prints p WHERE p.print = $13::bytea AND p.order_id = $1::uuid))
  RETURNING o.id, o.version, o.attempt, o.stage
), settled AS (
  UPDATE attempts a SET state = $6::text, answered_at = coalesce(a.answered_at, now())
  FROM moved m WHERE a.order_id = m.id AND a.number = m.attempt AND $6::text IS NOT NULL
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, stage, at)
  SELECT id, step_version, step_status, step_type, step_reason, step_code, stage, now() FROM (
    SELECT id, version - 1, 'held', 'sevk.order.held', 'taken up by a person', 'person_decides', stage FROM moved
    WHERE $14::boolean
    UNION ALL
    SELECT id, version, $4::text, $9::text, $5::text, $15::text, stage FROM moved
  ) AS steps (id, step_version, step_status, step_type, step_reason, step_code, stage)
  ORDER BY step_version
)
INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
SELECT id, version, $10::text, $3::text, $4::text, $11::text, $12::text, now() FROM moved
RETURNING id

-- Writes what a word changes of an order at a desk, from the version and revision that it was decided from: the order, its stage, its
-- offers, its send and the event together. Empty when somebody else's word was written meanwhile.
-- $1 order, $2 version, $3 revision, $4 status, $5 stage, $6 who has it or null, $7 whether others see it, $8 reason, $9 its code,
-- $10 event type, $11 deadline in ms or null, $12 whether the deadline stays, $13 a new code, sealed, or null, $14 wrong tries,
-- $15 cancelled by, $16 who of them, $17 their note (15 to 17 null: nobody wants it cancelled), $18 the send's state or null,
-- $19 what the holder wants for it or null; of each offer that changes: $20 partner, $21 state, $22 price, $23 note, $24 whether they
-- would have done it, $25 whether they gave it up; $26 the attempt. Answers with the order's version
WITH seen AS (
  SELECT o.id FROM orders o JOIN fulfilments f ON f.order_id = o.id
  WHERE o.id = $1::uuid AND o.version = $2::int AND o.status = 'sent' AND o.attempt = $26::int
    AND f.attempt = $26::int AND f.revision = $3::int
    -- Nobody sends what its shop claimed back meanwhile.
    AND ($4::text <> 'pending' OR o.refund_claimed_at IS NULL)
    -- Nor offers it to others.
    AND ($4::text <> 'sent' OR f.stage = 'offered' OR $5::text <> 'offered' OR o.refund_claimed_at IS NULL)
  FOR NO KEY UPDATE OF o, f
), moved AS (
  UPDATE orders o SET
    came_from = CASE WHEN $4::text = 'sent' THEN o.came_from ELSE 'sent' END,
    status = $4::text, version = o.version + 1, checks = 0,
    stage = CASE WHEN $4::text <> 'pending' THEN $5::text END,
    reason = $8::text, reason_code = $9::text, pin_of = NULL, coded_for = reason_mark(o.version + 1, 0),
    due_at = CASE $4::text WHEN 'sent' THEN CASE WHEN $12::boolean THEN o.due_at
      ELSE now() + $11::bigint * interval '1 millisecond' END WHEN 'pending' THEN now() END,
    cost = $19::numeric,
    updated_at = now()
  FROM seen WHERE o.id = seen.id AND $7::boolean
  RETURNING o.id, o.version, o.attempt, o.status, o.stage
), kept AS (
  UPDATE fulfilments f SET
    revision = f.revision + 1, version = coalesce((SELECT version FROM moved), f.version), changed_at = now(),
    came_from = CASE WHEN f.stage <> $5::text THEN f.stage ELSE f.came_from END, stage = $5::text, partner_id = $6::bigint,
    code = CASE WHEN $6::bigint IS NOT NULL THEN coalesce($13::bytea, f.code) END, tries = $14::int,
    cancel_by = $15::text, cancel_who = $16::text, cancel_note = $17::text,
    cancel_at = CASE WHEN $15::text IS NOT NULL THEN coalesce(f.cancel_at, now()) END,
    deadline = CASE WHEN $12::boolean THEN f.deadline ELSE now() + $11::bigint * interval '1 millisecond' END
  FROM seen WHERE f.order_id = seen.id
  RETURNING f.order_id, f.version
), changed AS (
  SELECT * FROM unnest($20::bigint[], $21::text[], $22::numeric[], $23::text[], $24::boolean[], $25::boolean[])
    AS c (partner_id, state, price, note, responded, gave_up)
  WHERE EXISTS (SELECT FROM seen)
), known AS (
  UPDATE offers x SET
    came_from = CASE WHEN x.state <> c.state THEN x.state ELSE x.came_from END, state = c.state, price = c.price, note = c.note,
    responded = c.responded, gave_up = c.gave_up, changed_at = now(),
    offered_at = CASE WHEN c.state = 'offered' AND x.state <> 'offered' THEN now() ELSE x.offered_at END
  FROM changed c WHERE x.order_id = $1::uuid AND x.attempt = $26::int AND x.partner_id = c.partner_id
), new AS (
  INSERT INTO offers (order_id, attempt, partner_id, state)
  SELECT $1::uuid, $26::int, c.partner_id, c.state FROM changed c
  WHERE NOT EXISTS (SELECT FROM offers x WHERE x.order_id = $1::uuid AND x.attempt = $26::int AND x.partner_id = c.partner_id)
), settled AS (
  UPDATE attempts a SET state = coalesce($18::text, a.state), cost = $19::numeric, answered_at = now()
  FROM moved m WHERE a.order_id = m.id AND a.number = m.attempt
    AND ($18::text IS NOT NULL OR a.cost IS DISTINCT FROM $19::numeric)
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, stage, at)
  SELECT id, version, status, $10::text, $8::text, $9::text, coalesce(stage, $5::text), now() FROM moved
)
SELECT version::bigint FROM kept

-- A shop, or its customer on the order's page, claims the refund of an order: from then on no send of it begins. A pending one is withdrawn; of one that ended in
-- failure it is noted that its shop was told. What was delivered, or is contested, stays as it is. Claimed again, nothing
-- changes. The order's row is locked, so this comes before or behind any move of it; one that would make it pending fails
-- afterwards: see transition.sql and person_move.sql.
-- $1 id, $2 tenant, $3 who, $4 the reason for withdrawing it, $5 its code, $6 the event's type, $7 the note
WITH seen AS (
  SELECT id, status FROM orders
  WHERE id = $1::uuid AND tenant_id = $2 AND refund_claimed_at IS NULL AND status <> 'completed' AND status <> 'contested'
  FOR UPDATE
), claimed AS (
  UPDATE orders o SET
    refund_claimed_at = now(),
    came_from = CASE WHEN seen.status = 'pending' THEN 'pending' ELSE o.came_from END,
    status = CASE WHEN seen.status = 'pending' THEN 'cancelled' ELSE o.status END,
    version = o.version + (seen.status = 'pending')::int,
    checks = CASE WHEN seen.status = 'pending' THEN 0 ELSE o.checks END,
    reason = CASE WHEN seen.status = 'pending' THEN $4::text ELSE o.reason END,
    reason_code = CASE WHEN seen.status = 'pending' THEN $5::text ELSE o.reason_code END,
    coded_for = CASE WHEN seen.status = 'pending' THEN reason_mark(o.version + 1, 0) ELSE o.coded_for END,
    due_at = CASE WHEN seen.status = 'pending' THEN NULL ELSE o.due_at END,
    updated_at = now()
  FROM seen WHERE o.id = seen.id
  RETURNING o.id, o.version, o.status, seen.status AS was
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, at)
  SELECT id, version, status, $6::text, $4::text, $5::text, now() FROM claimed WHERE was = 'pending'
)
INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
SELECT id, version, 'refund_claim', was, status, $3::text, $7::text, now() FROM claimed
RETURNING id

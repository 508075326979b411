-- Makes a pending order due now, with the audit row. The status and so the version stay.
-- $1 id, $2 version, $3 who, $4 note
WITH hurried AS (
  UPDATE orders SET due_at = now(), updated_at = now()
  WHERE id = $1::uuid AND version = $2::int AND status = 'pending'
  RETURNING id, version
)
INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
SELECT id, version, 'retry', 'pending', 'pending', $3::text, $4::text, now() FROM hurried
RETURNING id

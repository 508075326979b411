-- As contest.sql, by a line of a statement that a person brought: the order row, the event and the audit row. Empty when the order
-- has moved on. $1 id, $2 version, $3 status, $4 reason, $5 its code, $6 event type, $7 who, $8 note
WITH moved AS (
  UPDATE orders SET
    came_from = status, status = 'contested', version = version + 1, checks = 0,
    reason = $4::text, reason_code = $5::text, pin_of = NULL, coded_for = reason_mark(version + 1, 0), updated_at = now()
  WHERE id = $1::uuid AND version = $2::int AND status = $3::text
  RETURNING id, version, stage
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, stage, at)
  SELECT id, version, 'contested', $6::text, $4::text, $5::text, stage, now() FROM moved
), over AS (
  DELETE FROM second_looks WHERE order_id = $1::uuid
)
INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
SELECT id, version, 'contested', $3::text, 'contested', $7::text, $8::text, now() FROM moved
RETURNING id

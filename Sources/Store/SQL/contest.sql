-- Contests the end of an order from the version and status that was asked about: the order row, the event, the exchange, and
-- its second look is over. What was delivered is kept. Empty when the order has moved on.
-- $1 id, $2 version, $3 status, $4 reason, $5 its code, $6 event type, $7 exchange kind, $8 request, $9 status, $10 reply,
-- $11 error, $12 duration in ms
WITH moved AS (
  UPDATE orders SET
    came_from = status, status = 'contested', version = version + 1, checks = 0,
    reason = $4::text, reason_code = $5::text, pin_of = NULL, coded_for = reason_mark(version + 1, 0), updated_at = now()
  WHERE id = $1::uuid AND version = $2::int AND status = $3::text
  RETURNING id, version, attempt, stage
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, stage, at)
  SELECT id, version, 'contested', $6::text, $4::text, $5::text, stage, now() FROM moved
), exchange AS (
  INSERT INTO exchanges (order_id, attempt, kind, request, status, reply, error, duration_ms, at)
  SELECT id, attempt, $7::text, $8::text, $9::int, $10::bytea, $11::text, $12::int, now() FROM moved
), over AS (
  DELETE FROM second_looks WHERE order_id = $1::uuid
)
SELECT id FROM moved

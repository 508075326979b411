-- Puts an event in line that is no order's, in place of those before it that are still in line. $1 endpoint, $2 event's id, $3 type, $4 an id as of an order, $5 body
WITH earlier AS (
  UPDATE deliveries SET state = 'dropped' WHERE endpoint_id = $1 AND position < 0 AND state = 'waiting' AND type = $3
)
INSERT INTO deliveries (endpoint_id, position, event_id, type, order_id, order_version, body, state)
-- Below the positions of orders' events, and one after the other.
VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - 9000000000000000, $2, $3, $4, 1, $5, 'waiting')
RETURNING position

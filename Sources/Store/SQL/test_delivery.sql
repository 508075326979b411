-- Puts an event in line that is no order's. $1 endpoint, $2 event's id, $3 type, $4 an id as of an order, $5 body
INSERT INTO deliveries (endpoint_id, position, event_id, type, order_id, order_version, body, state)
SELECT $1, least((SELECT min(position) FROM deliveries WHERE endpoint_id = $1), 0) - 1, $2, $3, $4, 1, $5, 'waiting'
RETURNING position

-- Takes what is in line for an endpoint out of it; it is kept and can be replayed. $1 endpoint, $2 the one order, or null
UPDATE deliveries SET state = 'kept'
WHERE endpoint_id = $1 AND state = 'waiting' AND ($2::uuid IS NULL OR order_id = $2::uuid)
RETURNING position

-- Puts what an endpoint was told, or was not, in line again. $1 endpoint, $2 behind this position, $3 up to this, $4 also
-- what it has, $5 at most so many. Returns positions and orders
WITH chosen AS MATERIALIZED (
  SELECT position FROM deliveries
  WHERE endpoint_id = $1 AND position > $2 AND position <= $3 AND ($4::boolean OR state IN ('waiting', 'kept'))
  ORDER BY position LIMIT $5
)
UPDATE deliveries d SET state = 'waiting', attempts = 0, tried_at = NULL, next_at = now()
FROM chosen c WHERE d.endpoint_id = $1 AND d.position = c.position
RETURNING d.position, d.order_id

-- Puts one delivery in line again. $1 tenant or null for any, $2 endpoint, $3 position
UPDATE deliveries d SET state = 'waiting', attempts = 0, tried_at = NULL, next_at = now()
FROM endpoints p
WHERE p.id = d.endpoint_id AND ($1::bigint IS NULL OR p.tenant_id = $1::bigint) AND d.endpoint_id = $2 AND d.position = $3
RETURNING d.order_id, p.state

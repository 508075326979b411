-- A page of the endpoints and orders that something is in line for. $1 and $2 after this endpoint and order, $3 at most so many
SELECT p.id, d.order_id, (extract(epoch FROM greatest(d.next_at, p.held_until) - now()) * 1000)::bigint
FROM endpoints p CROSS JOIN LATERAL (
  SELECT DISTINCT ON (order_id) order_id, next_at FROM deliveries
  WHERE endpoint_id = p.id AND state = 'waiting' 
    AND order_id > CASE WHEN p.id > $1 THEN '00000000-0000-0000-0000-000000000000' ELSE $2::uuid END
  ORDER BY order_id, position LIMIT $3
) AS d
WHERE p.id >= $1 AND p.state = 'active'
ORDER BY p.id, d.order_id LIMIT $3

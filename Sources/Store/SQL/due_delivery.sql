-- The oldest thing in line for each of these endpoints about each of these orders, and the endpoint: a row each, in their order, of
-- nulls where nothing is in line. $1 endpoints, $2 orders
SELECT p.id, p.tenant_id, t.name, p.name, p.url, p.rate_per_second, p.secret,
       CASE WHEN p.previous_until > now() THEN p.previous_secret END, p.state,
       (extract(epoch FROM now() - p.failing_since) * 1000)::bigint,
       (extract(epoch FROM now() - p.slow_since) * 1000)::bigint, p.warned_percent,
       d.position, d.event_id, d.body, d.attempts, (extract(epoch FROM now() - d.tried_at) * 1000)::bigint,
       -- Nothing goes to a receiver that asked to be left alone until then.
       (extract(epoch FROM greatest(d.next_at, p.held_until) - now()) * 1000)::bigint,
       p.sealed_to, d.type, coalesce(p.held_until > now(), false)
FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS l (endpoint_id, order_id, place)
LEFT JOIN LATERAL (
  SELECT * FROM deliveries
  WHERE endpoint_id = l.endpoint_id AND order_id = l.order_id AND state = 'waiting' ORDER BY position LIMIT 1
) AS d ON true
LEFT JOIN endpoints p ON p.id = d.endpoint_id
LEFT JOIN tenants t ON t.id = p.tenant_id
ORDER BY l.place

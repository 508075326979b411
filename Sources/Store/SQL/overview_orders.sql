-- How many orders of a status wait, and the oldest of them. $1 statuses other than completed
SELECT s.status, sum(c.count)::bigint,
       (array_agg(o.id ORDER BY o.id) FILTER (WHERE o.id IS NOT NULL))[1],
       (extract(epoch FROM clock_timestamp() - min(o.created_at)) * 1000)::bigint
FROM unnest($1::text[]) AS s (status)
CROSS JOIN tenants t
-- Tenant by tenant, so that the index on tenant and status does: it holds nothing that was completed.
CROSS JOIN LATERAL (
  SELECT count(*) FROM orders WHERE tenant_id = t.id AND status = s.status AND status <> 'completed') AS c
LEFT JOIN LATERAL (
  SELECT id, created_at FROM orders WHERE tenant_id = t.id AND status = s.status AND status <> 'completed'
  ORDER BY id LIMIT 1) AS o ON true
GROUP BY s.status

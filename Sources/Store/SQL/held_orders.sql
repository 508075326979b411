-- Orders that wait for a person, the one that was posted first at the top. $1 at most so many
SELECT h.order_id FROM tenants t CROSS JOIN unnest(ARRAY['held', 'contested']) AS s (status)
-- Tenant by tenant, so that the index on tenant and status does.
CROSS JOIN LATERAL (
  SELECT order_id FROM unsettled_orders
  WHERE tenant_id = t.id AND status = s.status AND status NOT IN ('sending', 'sent') ORDER BY order_id LIMIT $1::bigint) AS h
ORDER BY h.order_id LIMIT $1::bigint

-- What the orders that wait to be sent want, a product of a tenant and a last provider a row. $1 most to look at a tenant
SELECT o.tenant_id, o.product, o.provider_id, count(*) FROM tenants t
-- Tenant by tenant, so that the index on tenant and status does.
CROSS JOIN LATERAL (
  SELECT order_id FROM unsettled_orders
  WHERE tenant_id = t.id AND status = 'pending' AND status NOT IN ('sending', 'sent') ORDER BY order_id LIMIT $1::bigint) AS u
JOIN orders o ON o.id = u.order_id
GROUP BY o.tenant_id, o.product, o.provider_id

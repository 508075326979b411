-- What the orders that wait to be sent want, a product of a tenant and a last provider a row. $1 most to look at a tenant
SELECT tenant_id, product, provider_id, count(*) FROM (
  SELECT o.tenant_id, o.product, o.provider_id FROM tenants t
  -- Tenant by tenant, so that the index on tenant and status does.
  CROSS JOIN LATERAL (
    SELECT tenant_id, product, provider_id FROM orders
    WHERE tenant_id = t.id AND status = 'pending' AND status <> 'completed' ORDER BY id LIMIT $1::bigint) AS o
) AS waiting
GROUP BY tenant_id, product, provider_id

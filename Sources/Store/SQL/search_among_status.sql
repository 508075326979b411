-- For search_orders: those of some statuses, none of them completed, tenant by tenant so that the index on both does
SELECT o.* FROM unnest($6::text[]) AS s (status)
CROSS JOIN tenants t
CROSS JOIN LATERAL (
  SELECT id, status, tenant_id, provider_id, product, created_at FROM orders
  WHERE tenant_id = t.id AND status = s.status AND status <> 'completed'
    AND id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  ORDER BY id DESC LIMIT $8::bigint) AS o
WHERE $2::bigint IS NULL OR t.id = $2

-- For search_orders: those of one tenant, by the index on it (see list_orders)
SELECT id, status, tenant_id, provider_id, product, created_at FROM orders
WHERE (tenant_id, id) < ($2::bigint, coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) AND tenant_id >= $2

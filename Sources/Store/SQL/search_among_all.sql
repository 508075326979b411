-- For search_orders: all orders, by the primary key
SELECT id, status, tenant_id, provider_id, product, created_at FROM orders
WHERE id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')

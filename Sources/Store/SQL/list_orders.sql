-- A page of one tenant's orders, newest first. $1 tenant, $2 status or null, $3 before this id or null,
-- $4 at most so many. For statuses that are rare see list_orders_by_status
SELECT id FROM orders
WHERE tenant_id = $1
  AND ($2::text IS NULL OR status = $2)
  AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY id DESC LIMIT $4

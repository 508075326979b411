-- A page of one tenant's orders, newest first. $1 tenant, $2 status or null, $3 before this id or null,
-- $4 at most so many, $5 from this id on or null, $6 recorded at this ms of Unix time or later, $7 before this; each or null.
-- For statuses that are rare see list_orders_by_status
SELECT id FROM orders
-- Compared as a pair and ordered by the tenant too, so that only the tenant's own index will do: by id alone, the page
-- of a small tenant would be looked for among the orders of all others.
WHERE (tenant_id, id) < ($1::bigint, coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND (tenant_id, id) >= ($1::bigint, coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))
  AND ($2::text IS NULL OR status = $2)
  AND ($6::bigint IS NULL OR created_at >= to_timestamp($6 / 1000.0))
  AND ($7::bigint IS NULL OR created_at < to_timestamp($7 / 1000.0))
ORDER BY tenant_id DESC, id DESC LIMIT $4

-- A page of one tenant's orders of a reference, newest first. $1 tenant, $2 status or null, $3 before this id or null,
-- $4 at most so many, $5 reference
SELECT id FROM orders
WHERE tenant_id = $1 AND reference = $5
  AND ($2::text IS NULL OR status = $2)
  AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY id DESC LIMIT $4

-- A page of one tenant's orders of a status other than completed, newest first. $1 tenant, $2 status,
-- $3 before this id or null, $4 at most so many
SELECT id FROM orders
WHERE tenant_id = $1 AND status = $2 AND status <> 'completed'
  AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY id DESC LIMIT $4

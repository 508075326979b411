-- A page of one tenant's orders, newest first. $1 tenant, $2 status or null, $3 reference or null,
-- $4 before this id or null, $5 at most so many
SELECT id FROM orders
WHERE tenant_id = $1
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR reference = $3)
  AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5

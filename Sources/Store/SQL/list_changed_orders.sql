-- One tenant's orders in the order of their last changes. A transaction that still runs may yet commit a change before
-- those that are here already, so nothing is listed from the oldest of these transactions on: what was listed has
-- nothing left to come before it. $1 tenant, $2 and $3 behind this change and id, $4 at most so many
SELECT id, changed, status FROM orders
WHERE tenant_id = $1 AND (changed, id) > ($2::bigint, $3::uuid)
  AND changed < (SELECT base FROM change_base WHERE one) + pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY changed, id LIMIT $4

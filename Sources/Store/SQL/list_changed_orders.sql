-- One tenant's orders in the order of their last changes. A transaction that still runs may yet commit a change before
-- those that are here already, so nothing is listed from the oldest of these transactions on: what was listed has
-- nothing left to come before it. $1 tenant, $2 and $3 behind this change and id, $4 at most so many
WITH horizon AS (
  SELECT base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS change FROM change_base WHERE one
), found AS (
  (SELECT order_id AS id, changed FROM unsettled_orders
   WHERE tenant_id = $1 AND (changed, order_id) > ($2::bigint, $3::uuid) AND changed < (SELECT change FROM horizon)
   ORDER BY changed, order_id LIMIT $4)
  UNION ALL
  -- Rows of several orders each: as many rows as orders are wanted are enough.
  (SELECT id, changed FROM (
     SELECT order_ids, changed FROM settled_orders
     WHERE tenant_id = $1 AND changed >= $2 AND changed < (SELECT change FROM horizon)
       AND EXISTS (SELECT FROM unnest(order_ids) AS i (id) WHERE (changed, i.id) > ($2::bigint, $3::uuid))
     ORDER BY changed LIMIT $4) AS s, unnest(order_ids) AS i (id)
   WHERE (changed, id) > ($2::bigint, $3::uuid) ORDER BY changed, id LIMIT $4)
  UNION ALL
  -- Those that ended before there were these lists.
  (SELECT id, changed FROM orders
   WHERE tenant_id = $1 AND (changed, id) > ($2::bigint, $3::uuid) AND changed < (SELECT change FROM horizon) AND changed >= 0
   ORDER BY changed, id LIMIT $4)
)
SELECT f.id, f.changed, o.status, (date_part('epoch', o.updated_at) * 1000000)::bigint
FROM found f JOIN orders o ON o.id = f.id ORDER BY f.changed, f.id LIMIT $4

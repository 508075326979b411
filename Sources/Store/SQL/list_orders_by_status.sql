-- A page of one tenant's orders of a status other than completed, newest first. $1 tenant, $2 status,
-- $3 before this id or null, $4 at most so many, $5 from this id on or null, $6 recorded at this ms of Unix time or later,
-- $7 before this; each or null
(SELECT order_id FROM unsettled_orders
 WHERE tenant_id = $1 AND status = $2 AND status NOT IN ('sending', 'sent')
   AND order_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   AND order_id >= coalesce($5::uuid, '00000000-0000-0000-0000-000000000000')
   AND ($6::bigint IS NULL OR created_at >= to_timestamp($6 / 1000.0))
   AND ($7::bigint IS NULL OR created_at < to_timestamp($7 / 1000.0))
 ORDER BY order_id DESC LIMIT $4)
UNION ALL
-- These have no index of their own: all orders are in one of them for a while.
(SELECT order_id FROM unsettled_orders
 WHERE $2 IN ('sending', 'sent') AND tenant_id = $1 AND status = $2
   AND order_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   AND order_id >= coalesce($5::uuid, '00000000-0000-0000-0000-000000000000')
   AND ($6::bigint IS NULL OR created_at >= to_timestamp($6 / 1000.0))
   AND ($7::bigint IS NULL OR created_at < to_timestamp($7 / 1000.0))
 ORDER BY order_id DESC LIMIT $4)
UNION ALL
(SELECT order_id FROM unfulfilled_orders
 WHERE tenant_id = $1 AND status = $2
   AND order_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   AND order_id >= coalesce($5::uuid, '00000000-0000-0000-0000-000000000000')
   AND ($6::bigint IS NULL OR (SELECT created_at FROM orders WHERE id = order_id) >= to_timestamp($6 / 1000.0))
   AND ($7::bigint IS NULL OR (SELECT created_at FROM orders WHERE id = order_id) < to_timestamp($7 / 1000.0))
 ORDER BY order_id DESC LIMIT $4)
ORDER BY order_id DESC LIMIT $4

-- For search_orders: those of some statuses, none of them completed, tenant by tenant so that the index on both does
SELECT o.id, o.status, o.tenant_id, o.provider_id, o.product, o.created_at FROM unnest($6::text[]) AS s (status)
CROSS JOIN tenants t
CROSS JOIN LATERAL (
  (SELECT order_id FROM unsettled_orders
   WHERE tenant_id = t.id AND status = s.status AND status NOT IN ('sending', 'sent')
     AND order_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   ORDER BY order_id DESC LIMIT $8::bigint)
  UNION ALL
  -- These have no index of their own: all orders are in one of them for a while.
  (SELECT order_id FROM unsettled_orders
   WHERE s.status IN ('sending', 'sent') AND tenant_id = t.id AND status = s.status
     AND order_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   ORDER BY order_id DESC LIMIT $8::bigint)
  UNION ALL
  (SELECT order_id FROM unfulfilled_orders
   WHERE tenant_id = t.id AND status = s.status
     AND order_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   ORDER BY order_id DESC LIMIT $8::bigint)
  ORDER BY order_id DESC LIMIT $8::bigint) AS l
JOIN orders o ON o.id = l.order_id
WHERE $2::bigint IS NULL OR t.id = $2

-- A page of the orders that something must still happen to, by id. $1 after this id, $2 at most so many
SELECT o.id, o.status, o.priority, (date_part('epoch', o.due_at - clock_timestamp()) * 1000)::bigint,
       o.tenant_id, o.product, o.provider_id, o.trace
FROM (
  SELECT order_id FROM unsettled_orders
  WHERE status IN ('pending', 'sending', 'sent', 'unresolved') AND order_id > $1
  ORDER BY order_id LIMIT $2
) AS u JOIN orders o ON o.id = u.order_id
ORDER BY o.id

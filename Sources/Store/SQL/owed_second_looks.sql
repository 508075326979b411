-- A page of the second looks that are owed. $1 after this order, $2 at most so many
SELECT l.order_id, (date_part('epoch', l.due_at - clock_timestamp()) * 1000)::bigint, o.tenant_id, o.product, o.provider_id, o.trace
FROM second_looks l JOIN orders o ON o.id = l.order_id
WHERE l.order_id > $1::uuid ORDER BY l.order_id LIMIT $2

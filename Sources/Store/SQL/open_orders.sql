-- A page of the orders that something must still happen to, by id. $1 after this id, $2 at most so many
SELECT id, status, priority, (extract(epoch FROM due_at - clock_timestamp()) * 1000)::bigint,
       tenant_id, product, provider_id, trace
FROM orders
WHERE status IN ('pending', 'sending', 'sent', 'unresolved') AND id > $1
ORDER BY id LIMIT $2

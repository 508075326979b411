-- How many orders are in each status that is not final, how many ms ago the oldest was recorded, and how many ms ago one
-- was first sent. By the list of these, so that finished ones cost nothing. Orders of sandboxes are no concern of ops.
SELECT u.status, count(*), (date_part('epoch', clock_timestamp() - min(u.created_at)) * 1000)::bigint,
       -- Those that are being sent are few, and of the others nobody asks.
       CASE u.status WHEN 'sending' THEN (
         SELECT (date_part('epoch', clock_timestamp() - min(o.sent_at)) * 1000)::bigint
         FROM unsettled_orders s JOIN orders o ON o.id = s.order_id WHERE s.status = 'sending'
           AND s.tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE sandbox_of IS NOT NULL))) END
FROM unsettled_orders u
WHERE u.tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE sandbox_of IS NOT NULL))
GROUP BY u.status

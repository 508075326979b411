-- How many orders are in each status that is not final, how many ms ago the oldest was recorded, and how many ms ago one
-- was first sent. By the indexes of open and held orders, in whose order the rows lie: finished ones cost nothing.
SELECT status, count(*), (extract(epoch FROM clock_timestamp() - min(created_at)) * 1000)::bigint,
       (extract(epoch FROM clock_timestamp() - min(sent_at)) * 1000)::bigint
FROM orders WHERE status IN ('pending', 'sending', 'sent', 'unresolved') GROUP BY status
UNION ALL
SELECT 'held', count(*), (extract(epoch FROM clock_timestamp() - min(created_at)) * 1000)::bigint, NULL
FROM orders WHERE status = 'held'

-- How many orders of a status wait, and the oldest of them. $1 statuses other than completed
SELECT s.status, coalesce(c.count, 0)::bigint, c.oldest, (date_part('epoch', clock_timestamp() - c.since) * 1000)::bigint
FROM unnest($1::text[]) AS s (status)
LEFT JOIN (
  SELECT status, count(*), min(order_id::text)::uuid AS oldest, min(created_at) AS since FROM unsettled_orders GROUP BY status
) AS c ON c.status = s.status

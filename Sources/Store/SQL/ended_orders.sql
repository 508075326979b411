-- How the orders ended that were posted within a day, the newest $1 of them. $1 at most so many
SELECT status, count(*) FROM (
  -- An id begins with the time it was made, so the newest are the last of the primary key.
  SELECT status FROM orders
  WHERE id >= (lpad(to_hex((extract(epoch FROM now() - interval '1 day') * 1000)::bigint), 12, '0')
    || repeat('0', 20))::uuid
  ORDER BY id DESC LIMIT $1
) AS day WHERE status IN ('completed', 'failed', 'cancelled') GROUP BY status

-- What the doctor counts. $1 older than so many ms counts as late
WITH slowest AS (SELECT min(position) AS position FROM event_sinks), owed AS (
  SELECT at FROM events WHERE published_at IS NULL AND type IS NOT NULL
  UNION ALL
  SELECT at FROM events WHERE position > (SELECT position FROM slowest) AND position > 0
)
SELECT
  (SELECT count(*) FROM orders WHERE status IN ('pending', 'sending', 'sent', 'unresolved')),
  (SELECT count(*) FROM orders WHERE status = 'held'),
  (SELECT count(*) FROM owed WHERE at < now() - $1::bigint * interval '1 millisecond'),
  (SELECT (extract(epoch FROM clock_timestamp() - min(at)) * 1000)::bigint FROM owed)

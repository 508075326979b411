-- What the doctor counts. $1 older than so many ms counts as late
SELECT
  (SELECT count(*) FROM orders WHERE status IN ('pending', 'sending', 'sent', 'unresolved')),
  (SELECT count(*) FROM orders WHERE status = 'held'),
  (SELECT count(*) FROM events WHERE published_at IS NULL AND type IS NOT NULL
     AND at < now() - $1::bigint * interval '1 millisecond'),
  (SELECT (extract(epoch FROM clock_timestamp() - min(at)) * 1000)::bigint FROM events
   WHERE published_at IS NULL AND type IS NOT NULL)

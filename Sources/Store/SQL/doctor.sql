-- What the doctor counts. $1 older than so many ms counts as late
WITH slowest AS (SELECT coalesce(min(position), 0) AS position FROM event_sinks), tail AS (
  SELECT seen, gaps + old_gaps AS gaps FROM event_tail WHERE one
), owed AS (
  SELECT at FROM events WHERE published_at IS NULL AND type IS NOT NULL
  UNION ALL
  SELECT at FROM events WHERE id > (SELECT seen FROM tail) AND published_at IS NOT NULL AND type IS NOT NULL
  UNION ALL
  SELECT at FROM events WHERE position > (SELECT position FROM slowest) AND position > 0
  UNION ALL
  SELECT e.at FROM event_places p, unnest(p.ids) WITH ORDINALITY AS i (id, number), events e
  WHERE p.last > (SELECT position FROM slowest) AND p.first + i.number > (SELECT position FROM slowest) + 1 AND e.id = i.id
    -- Whose mark somebody took back is counted above.
    AND e.published_at IS NOT NULL
)
SELECT
  (SELECT count(*) FROM unsettled_orders WHERE status IN ('pending', 'sending', 'sent', 'unresolved')),
  (SELECT count(*) FROM unsettled_orders WHERE status = 'held')
    + (SELECT count(*) FROM unsettled_orders WHERE status = 'contested'),
  (SELECT count(*) FROM owed WHERE at < now() - $1::bigint * interval '1 millisecond'),
  (SELECT (extract(epoch FROM clock_timestamp() - min(at)) * 1000)::bigint FROM owed)

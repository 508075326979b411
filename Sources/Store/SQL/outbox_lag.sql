-- How many events are not in the stream yet, and the age of the first in ms, null when there is none.
SELECT count(*), (
  SELECT (extract(epoch FROM clock_timestamp() - at) * 1000)::bigint FROM events
  WHERE published_at IS NULL AND type IS NOT NULL ORDER BY id LIMIT 1)
FROM events WHERE published_at IS NULL AND type IS NOT NULL

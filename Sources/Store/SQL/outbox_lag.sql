-- How many events some sink does not have yet, and the age of the first in ms, null when there is none.
WITH slowest AS (SELECT min(position) AS position FROM event_sinks)
SELECT
  (SELECT count(*) FROM events WHERE published_at IS NULL AND type IS NOT NULL)
    + (SELECT count(*) FROM events WHERE position > (SELECT position FROM slowest) AND position > 0),
  (extract(epoch FROM clock_timestamp() - least(
    (SELECT at FROM events WHERE published_at IS NULL AND type IS NOT NULL ORDER BY id LIMIT 1),
    (SELECT at FROM events WHERE position > (SELECT position FROM slowest) AND position > 0
     ORDER BY position LIMIT 1))) * 1000)::bigint

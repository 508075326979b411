-- How many events some sink does not have yet, and the age of the first in ms, null when there is none.
WITH slowest AS (SELECT coalesce(min(position), 0) AS position FROM event_sinks)
SELECT
  (SELECT count(*) FROM events WHERE published_at IS NULL AND type IS NOT NULL)
    + (SELECT count(*) FROM events
       WHERE id > (SELECT seen FROM event_tail WHERE one) AND published_at IS NOT NULL AND type IS NOT NULL)
    + (SELECT count(*) FROM events WHERE position > (SELECT position FROM slowest) AND position > 0)
    + coalesce((SELECT sum(p.last - greatest(p.first - 1, s.position))::bigint
                FROM slowest s, event_places p WHERE p.last > s.position), 0),
  (date_part('epoch', clock_timestamp() - least(
    (SELECT at FROM events WHERE published_at IS NULL AND type IS NOT NULL ORDER BY id LIMIT 1),
    (SELECT at FROM events
     WHERE id > (SELECT seen FROM event_tail WHERE one) AND published_at IS NOT NULL AND type IS NOT NULL
     ORDER BY id LIMIT 1),
    (SELECT at FROM events WHERE position > (SELECT position FROM slowest) AND position > 0
     ORDER BY position LIMIT 1),
    (SELECT at FROM events WHERE id = (
      SELECT p.ids[greatest(s.position - p.first + 2, 1)] FROM slowest s, event_places p WHERE p.last > s.position
      ORDER BY p.last LIMIT 1)))) * 1000)::bigint

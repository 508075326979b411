-- Drops the positions of events that are kept no longer, the first $1 of them. Returns how many rows were dropped
WITH dropped AS (
  DELETE FROM event_places WHERE last IN (
    SELECT last FROM event_places p
    WHERE last <= (SELECT min(position) FROM event_sinks) AND NOT EXISTS (
      SELECT FROM unnest(p.ids) AS i (id) JOIN events e ON e.id = i.id)
    ORDER BY last LIMIT $1)
  RETURNING last
)
SELECT count(*) FROM dropped

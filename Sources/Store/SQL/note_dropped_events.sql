-- Notes up to which position events may have been dropped, a page of runs at a time: those that are older, and those that
-- are gone. $1 age in ms, $2 runs in a page. Returns whether there may be more
WITH runs AS MATERIALIZED (
  SELECT p.first, p.last, p.ids FROM event_places p
  WHERE p.last > (SELECT kept_after FROM event_tail WHERE one) ORDER BY p.last LIMIT $2
), placed AS (
  SELECT i.id, r.first + i.number - 1 AS place FROM runs r, unnest(r.ids) WITH ORDINALITY AS i (id, number)
  UNION ALL
  -- Placed before there were runs.
  (SELECT id, position FROM events
   WHERE position > (SELECT kept_after FROM event_tail WHERE one) AND position > 0 ORDER BY position LIMIT 500)
), old AS (
  SELECT max(p.place) AS place FROM placed p LEFT JOIN events e ON e.id = p.id
  WHERE e.id IS NULL OR e.at < now() - $1::bigint * interval '1 millisecond'
), noted AS (
  UPDATE event_tail SET kept_after = old.place FROM old WHERE one AND old.place > kept_after
  RETURNING kept_after
)
SELECT coalesce((SELECT kept_after FROM noted) >= (SELECT max(place) FROM placed), false)

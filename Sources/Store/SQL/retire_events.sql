-- Drops from the rest, which is what parts that were dropped left behind, the events of orders that ended long ago, page by
-- page; what an open or held order has is kept, and so is what some sink does not have yet.
-- $1 after this id, $2 age in ms, $3 rows in a page. Returns how many were dropped, the last id of the page, and
-- whether there may be more to drop after it
WITH slowest AS (
  SELECT min(position) AS position FROM event_sinks
), owed AS (
  -- The first that has no position yet, or one that some sink lacks.
  SELECT least(
    (SELECT seen + 1 FROM event_tail WHERE one),
    (SELECT lower(gaps + old_gaps) FROM event_tail WHERE one),
    (SELECT min(p.least_id) FROM event_places p WHERE p.first > (SELECT position FROM slowest)),
    (SELECT min(i.id) FROM event_places p, unnest(p.ids) WITH ORDINALITY AS i (id, number)
     WHERE p.last > (SELECT position FROM slowest) AND p.first <= (SELECT position FROM slowest)
       AND p.first + i.number > (SELECT position FROM slowest) + 1)) AS first
), page AS (
  SELECT id, at FROM events_rest WHERE id > $1::bigint ORDER BY id LIMIT $3
), dropped AS (
  DELETE FROM events_rest e USING page p, orders o
  WHERE e.id = p.id AND o.id = e.order_id AND o.status IN ('completed', 'failed', 'cancelled')
    AND o.updated_at < now() - $2::bigint * interval '1 millisecond'
    AND (e.type IS NULL
      OR e.published_at IS NOT NULL AND CASE WHEN e.position > 0 THEN e.position <= (SELECT position FROM slowest)
        ELSE e.position = 0 AND e.id < (SELECT first FROM owed) END)
  RETURNING e.id
)
SELECT (SELECT count(*) FROM dropped), (SELECT max(id) FROM page),
       (SELECT count(*) = $3 AND min(at) < now() - $2::bigint * interval '1 millisecond' FROM page)

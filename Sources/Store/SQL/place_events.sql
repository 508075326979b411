-- Gives the oldest events that have no position theirs, in the order of ids, and returns them in it. In a transaction that
-- has lock_event_tail before it. $1 at most so many
WITH tail AS (
  SELECT last, seen, gaps, old_gaps, old_gaps_end FROM event_tail WHERE one
), found AS (
  -- Of programs from before, and of people: they say so by published_at.
  (SELECT * FROM events WHERE published_at IS NULL AND type IS NOT NULL ORDER BY id LIMIT $1)
  UNION ALL
  (SELECT * FROM events
   WHERE id > (SELECT seen FROM tail) AND type IS NOT NULL AND published_at IS NOT NULL ORDER BY id LIMIT $1)
  UNION ALL
  (SELECT late.* FROM tail, LATERAL unnest(gaps + old_gaps) AS gap, LATERAL (
     SELECT * FROM events
     WHERE id >= lower(gap) AND id < upper(gap) AND type IS NOT NULL AND published_at IS NOT NULL
     ORDER BY id LIMIT $1) AS late
   ORDER BY id LIMIT $1)
), taken AS (
  SELECT * FROM found ORDER BY id LIMIT $1
), e AS (
  SELECT *, (SELECT last FROM tail) + row_number() OVER (ORDER BY id) AS place
  FROM taken WHERE published_at IS NULL OR position IS NULL OR position = 0
), old AS (
  UPDATE events SET published_at = 'infinity', position = 0
  WHERE id = ANY (ARRAY(SELECT id FROM e WHERE published_at IS NULL))
), told AS MATERIALIZED (
  SELECT e.*, o.tenant_id, o.product, o.reference, o.provider_id, o.trace, NULL AS name, NULL AS subject, NULL AS data
  FROM e JOIN orders o ON o.id = e.order_id
  UNION ALL
  SELECT e.*, n.tenant_id, NULL, NULL, NULL, NULL, n.name, n.subject, n.data
  FROM e JOIN notices n ON n.event_id = e.id WHERE e.status = 'notice'
), reach AS (
  -- Where more may follow, no further than what was taken.
  SELECT greatest((SELECT seen FROM tail), CASE WHEN (SELECT count(*) FROM taken) < $1
    THEN (SELECT max(id) FROM events) ELSE (SELECT max(id) FROM taken) END) AS seen
), places AS (
  INSERT INTO event_places (first, last, least_id, ids, reach)
  SELECT min(place), max(place), min(id), array_agg(id ORDER BY place), (SELECT seen FROM reach) FROM e HAVING count(*) > 0
), runs AS (
  INSERT INTO tenant_event_runs (tenant_id, last, numbers)
  SELECT tenant_id, (SELECT max(place) FROM e), CASE WHEN count(*) < (SELECT count(*) FROM e)
    THEN array_agg((place - (SELECT last FROM tail))::smallint ORDER BY place) END
  FROM told WHERE status <> 'notice' GROUP BY tenant_id
), late AS (
  INSERT INTO late_events (id, position) SELECT id, place FROM e WHERE id <= (SELECT seen FROM tail)
), met AS (
  SELECT coalesce(range_agg(int8range(id, id, '[]')), '{}') AS ids FROM (
    SELECT id FROM events WHERE id > (SELECT seen FROM tail) AND id <= (SELECT seen FROM reach)
    UNION ALL SELECT id FROM taken) AS m
), turn AS (
  -- Nothing comes in the old gaps any more, and there is no more in them than was taken.
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= old_gaps_end AND (SELECT count(*) FROM taken) < $1 AS is_over
  FROM tail
), kept AS (
  UPDATE event_tail t SET
    last = t.last + (SELECT count(*) FROM e),
    seen = reach.seen,
    old_gaps = CASE WHEN turn.is_over THEN t.gaps ELSE t.old_gaps END - met.ids,
    gaps = CASE WHEN turn.is_over THEN '{}' ELSE t.gaps END + int8multirange(int8range(t.seen, reach.seen, '(]')) - met.ids,
    old_gaps_end = CASE WHEN turn.is_over THEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint ELSE t.old_gaps_end END
  FROM turn, reach, met
  WHERE t.one AND (reach.seen > t.seen OR NOT isempty(met.ids)
    OR turn.is_over AND NOT (isempty(t.gaps) AND isempty(t.old_gaps)))
)
SELECT {event}
FROM told e
CROSS JOIN LATERAL (SELECT e.product, e.reference, e.trace) AS o
CROSS JOIN LATERAL (SELECT e.name, e.subject, e.data) AS n
JOIN tenants t ON t.id = e.tenant_id
LEFT JOIN providers p ON p.id = e.provider_id
ORDER BY e.place

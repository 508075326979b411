-- Where a list of one tenant's changes must begin to have all of after a moment. Changes are numbered by when their
-- transactions began to write, so their times are in that order but for how long a transaction takes to begin: the moment
-- is looked for, by halves, among those of orders that ended, whose times nothing moves any more.
-- $1 tenant, $2 the moment in ms of Unix time, $3 so many ms earlier, to be safe
WITH RECURSIVE search (low, high, step) AS (
  SELECT 0::bigint, base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0 FROM change_base WHERE one
  UNION ALL
  -- All before `low` are too early, and from `high` on none is.
  SELECT CASE WHEN p.is_early THEN p.changed + 1 ELSE s.low END,
         CASE WHEN p.is_early THEN s.high ELSE (s.low + s.high) / 2 END, s.step + 1
  FROM search s
  LEFT JOIN LATERAL (
    SELECT e.changed,
           (SELECT updated_at FROM orders WHERE id = e.order_ids[1]) <= to_timestamp(($2::bigint - $3::bigint) / 1000.0) AS is_early
    FROM settled_orders e
    WHERE e.tenant_id = $1 AND e.changed >= (s.low + s.high) / 2 AND e.changed < s.high
    ORDER BY e.changed LIMIT 1) AS p ON true
  WHERE s.low < s.high
)
SELECT low FROM search ORDER BY step DESC LIMIT 1

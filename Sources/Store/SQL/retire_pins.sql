-- Forgets the PINs of orders that ended long ago, page by page in the order of prints, from where the last page ended and
-- after the last of all from the first on. $1 age in ms, $2 rows in a page. Returns how many were dropped, whether more follow, and
-- about how many there are
WITH page AS (
  SELECT p.print, o.status, o.updated_at FROM pins p JOIN orders o ON o.id = p.order_id
  WHERE p.print > coalesce((SELECT order_id FROM retention_marks WHERE what = 'pins'), '00000000-0000-0000-0000-000000000000')
  ORDER BY p.print LIMIT $2
), dropped AS (
  DELETE FROM pins p USING page g
  WHERE p.print = g.print AND g.status IN ('completed', 'failed', 'cancelled')
    AND g.updated_at < now() - $1::bigint * interval '1 millisecond'
  RETURNING p.print
), next AS (
  SELECT CASE WHEN count(*) = $2 THEN (SELECT print FROM page ORDER BY print DESC LIMIT 1)
    ELSE '00000000-0000-0000-0000-000000000000' END AS print
  FROM page
), mark AS (
  INSERT INTO retention_marks AS m (what, order_id) SELECT 'pins', print FROM next
  ON CONFLICT (what) DO UPDATE SET order_id = excluded.order_id WHERE m.order_id <> excluded.order_id
)
SELECT (SELECT count(*) FROM dropped), (SELECT count(*) = $2 FROM page),
       (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'pins'::regclass)

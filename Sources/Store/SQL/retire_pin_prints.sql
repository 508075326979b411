-- Forgets the PINs of orders that ended long ago, page by page. $1 after this order, $2 age in ms, $3 rows in a page.
-- Returns how many were dropped, the last order of the page, and whether there may be more to drop after it
WITH page AS (
  SELECT p.print, p.order_id, o.status, o.updated_at
  FROM pin_prints p JOIN orders o ON o.id = p.order_id
  WHERE p.order_id > $1::uuid ORDER BY p.order_id LIMIT $3
), dropped AS (
  DELETE FROM pin_prints p USING page g
  WHERE p.print = g.print AND g.status IN ('completed', 'failed', 'cancelled')
    AND g.updated_at < now() - $2::bigint * interval '1 millisecond'
  RETURNING p.print
)
SELECT (SELECT count(*) FROM dropped), (SELECT order_id FROM page ORDER BY order_id DESC LIMIT 1),
       (SELECT count(*) = $3 AND min(updated_at) < now() - $2::bigint * interval '1 millisecond' FROM page)

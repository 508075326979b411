-- Drops from the rest, which is what parts that were dropped left behind, the exchanges of orders that ended long ago, page
-- by page; what an open or held order has is kept.
-- $1 after this order and $2 this exchange of it, $3 age in ms, $4 rows in a page. Returns how many were dropped, the last
-- order and exchange of the page, and whether there may be more to drop after it
WITH page AS (
  SELECT order_id, id, at FROM exchanges_rest WHERE (order_id, id) > ($1::uuid, $2::bigint) ORDER BY order_id, id LIMIT $4
), dropped AS (
  DELETE FROM exchanges_rest e USING page p, orders o
  WHERE e.order_id = p.order_id AND e.id = p.id AND o.id = e.order_id AND o.status IN ('completed', 'failed', 'cancelled')
    AND o.updated_at < now() - $3::bigint * interval '1 millisecond'
  RETURNING e.id
), edge AS (
  SELECT order_id, id FROM page ORDER BY order_id DESC, id DESC LIMIT 1
)
SELECT (SELECT count(*) FROM dropped), (SELECT order_id FROM edge), (SELECT id FROM edge),
       (SELECT count(*) = $4 AND min(at) < now() - $3::bigint * interval '1 millisecond' FROM page)

-- A page of a part's exchanges: how many they are, the last one's order and id, and the orders among theirs that are open or
-- held or ended no longer than $5 ms ago (separated by commas, or null). $1 after this order and $2 this exchange of it, $3 after and $4 before this id: those of the part,
-- $6 rows in a page
WITH page AS (
  SELECT order_id, id FROM exchanges
  WHERE id > $3 AND id < $4 AND (order_id, id) > ($1::uuid, $2::bigint) ORDER BY order_id, id LIMIT $6
), edge AS (
  SELECT order_id, id FROM page ORDER BY order_id DESC, id DESC LIMIT 1
)
SELECT (SELECT count(*) FROM page), (SELECT order_id FROM edge), (SELECT id FROM edge), (
  SELECT string_agg(o.id::text, ',') FROM (SELECT DISTINCT order_id FROM page) AS p JOIN orders o ON o.id = p.order_id
  WHERE o.status NOT IN ('completed', 'failed', 'cancelled') OR o.updated_at >= now() - $5::bigint * interval '1 millisecond')

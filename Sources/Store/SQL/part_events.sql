-- A page of a part's events: how many they are, the last one's id, and the orders among theirs that are open or held or ended
-- no longer than $3 ms ago (separated by commas, or null). $1 after this id, $2 before this id, $4 rows in a page
WITH page AS (
  SELECT id, order_id FROM events WHERE id > $1 AND id < $2 ORDER BY id LIMIT $4
)
SELECT (SELECT count(*) FROM page), (SELECT max(id) FROM page), (
  SELECT string_agg(o.id::text, ',') FROM (SELECT DISTINCT order_id FROM page) AS p JOIN orders o ON o.id = p.order_id
  WHERE o.status NOT IN ('completed', 'failed', 'cancelled') OR o.updated_at >= now() - $3::bigint * interval '1 millisecond')

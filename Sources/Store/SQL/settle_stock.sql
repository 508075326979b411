-- Notes of codes that were set aside that their orders got them, and counts them. $1 most at once. Answers with how many
WITH done AS (
  SELECT c.id, c.provider_id, c.product FROM stock_codes c JOIN orders o ON o.id = c.order_id
  WHERE c.state = 'reserved' AND o.status = 'completed' AND o.provider_reference = c.reference
  ORDER BY c.id LIMIT $1 FOR NO KEY UPDATE OF c SKIP LOCKED
), moved AS (
  UPDATE stock_codes c SET state = 'given', changed_at = now() FROM done d WHERE c.id = d.id
  RETURNING c.provider_id, c.product
), counts AS (
  SELECT provider_id, product, count(*) AS count FROM moved GROUP BY provider_id, product
), counted AS (
  UPDATE stock_products p SET given = p.given + n.count FROM counts n
  WHERE p.provider_id = n.provider_id AND p.product = n.product
)
SELECT count(*) FROM moved

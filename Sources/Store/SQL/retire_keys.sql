-- Forgets the idempotency keys of orders that were posted long ago and have ended, page by page. It goes on where the
-- last page ended, so an order that is still open or held then keeps its key for good.
-- $1 age in ms, $2 rows in a page. Returns how many were forgotten, and whether there may be more
WITH page AS (
  SELECT id, status, created_at FROM orders
  WHERE id > coalesce((SELECT order_id FROM retention_marks WHERE what = 'keys'), '00000000-0000-0000-0000-000000000000')
  ORDER BY id LIMIT $2
), old AS (
  SELECT id, status FROM page WHERE created_at < now() - $1::bigint * interval '1 millisecond'
), forgotten AS (
  UPDATE orders o SET idempotency_key = NULL FROM old
  WHERE o.id = old.id AND old.status IN ('completed', 'failed', 'cancelled') AND o.idempotency_key IS NOT NULL
  RETURNING o.id
), mark AS (
  INSERT INTO retention_marks (what, order_id) SELECT 'keys', id FROM old ORDER BY id DESC LIMIT 1
  ON CONFLICT (what) DO UPDATE SET order_id = greatest(retention_marks.order_id, excluded.order_id)
)
SELECT (SELECT count(*) FROM forgotten), (SELECT count(*) = $2 FROM old)

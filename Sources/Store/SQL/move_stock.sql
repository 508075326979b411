-- A person takes codes back into the stock or writes them off: the codes, what was done, and the history of the order that one
-- was set aside for. Nothing that a customer may have seen, or may yet get, is given out again.
-- $1 codes, $2 order or null (its codes then), $3 new state, $4 who, $5 note. Answers for each with id, order, the order's
-- status, its state of before, whether it was moved
WITH orders_seen AS (
  -- First the order, as whoever gives out does.
  SELECT o.id, o.status, o.version FROM orders o
  WHERE o.id = ANY (ARRAY(SELECT c.order_id FROM stock_codes c WHERE c.id = ANY ($1::bigint[]))) OR o.id = $2::uuid
  ORDER BY o.id FOR NO KEY UPDATE
), seen AS (
  SELECT c.id, c.provider_id, c.product, c.state, c.order_id, s.status AS order_status, s.version AS order_version
  FROM stock_codes c LEFT JOIN orders_seen s ON s.id = c.order_id
  WHERE (c.id = ANY ($1::bigint[]) OR c.order_id = $2::uuid AND c.order_id IS NOT NULL)
    AND (SELECT count(*) FROM orders_seen) >= 0
  ORDER BY c.id FOR NO KEY UPDATE OF c
), judged AS (
  SELECT *, CASE $3::text
    WHEN 'written_off' THEN state <> 'written_off'
      -- What an order may still get is no loss yet.
      AND (order_status IS NULL OR order_status IN ('completed', 'failed', 'cancelled', 'contested'))
    ELSE state = 'written_off' AND order_id IS NULL
      OR state IN ('reserved', 'written_off') AND order_status IN ('failed', 'cancelled')
      -- Nobody was ever shown it.
      AND NOT EXISTS (SELECT FROM events e WHERE e.order_id = seen.order_id AND e.status = 'completed') END AS may
  FROM seen
), moved AS (
  UPDATE stock_codes c SET
    state = $3::text, changed_at = now(),
    order_id = CASE WHEN $3::text = 'free' THEN NULL ELSE c.order_id END,
    reference = CASE WHEN $3::text = 'free' THEN NULL ELSE c.reference END,
    place = CASE WHEN $3::text = 'free' THEN NULL ELSE c.place END
  FROM judged j WHERE c.id = j.id AND j.may
  RETURNING c.id
), counted AS (
  UPDATE stock_products p SET
    given = p.given - n.given, written_off = p.written_off + CASE WHEN $3::text = 'free' THEN -n.off ELSE n.count END
  FROM (
    SELECT provider_id, product, count(*) AS count, count(*) FILTER (WHERE state = 'given') AS given,
      count(*) FILTER (WHERE state = 'written_off') AS off
    FROM judged WHERE may GROUP BY provider_id, product) AS n
  WHERE p.provider_id = n.provider_id AND p.product = n.product
), told AS (
  INSERT INTO stock_moves (code_id, came_from, state, order_id, who, note)
  SELECT id, state, $3::text, order_id, $4::text, $5::text FROM judged WHERE may ORDER BY id
), audit AS (
  INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
  SELECT order_id, order_version, CASE $3::text WHEN 'free' THEN 'stock_returned' ELSE 'stock_written_off' END,
    order_status, order_status, $4::text, left('code ' || id || ': ' || $5::text, 2000), now()
  FROM judged WHERE may AND order_status IS NOT NULL ORDER BY id
)
SELECT id, order_id, order_status, state, may FROM judged ORDER BY id

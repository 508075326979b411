-- Sets codes aside for a send, or answers with those that its order has already: all that it wants, or none. Only while that
-- very send is under way: whoever moves the order waits for this, or this for him and finds the send over. So once an order
-- has moved on, what it has of the stock does not change any more.
-- $1 reference, $2 provider, $3 product. Answers with a row for each code; without codes with one row: whether the send is
-- under way, how many are wanted, and NULLs
WITH send AS (
  SELECT o.id, o.quantity FROM attempts a JOIN orders o ON o.id = a.order_id
  WHERE a.reference = $1::text AND a.provider_id = $2::bigint AND a.number = o.attempt AND a.state = 'sending'
    AND o.status = 'sending' AND o.provider_id = $2::bigint AND o.provider_reference = $1::text
  FOR NO KEY UPDATE OF o
), mine AS (
  -- Of an earlier send, after which a person said that the order is not here: it gets no second code.
  SELECT c.id, c.expires_at FROM send s JOIN stock_codes c ON c.order_id = s.id
  WHERE c.provider_id = $2::bigint AND c.product = $3::text AND c.state = 'reserved'
  FOR NO KEY UPDATE OF c
), wanted AS (
  SELECT CASE WHEN EXISTS (SELECT FROM mine) THEN 0 ELSE quantity END AS count FROM send
), picked AS (
  SELECT c.id, c.expires_at FROM stock_codes c
  WHERE c.provider_id = $2::bigint AND c.product = $3::text AND c.state = 'free'
    AND (c.expires_at IS NULL OR c.expires_at > now())
  ORDER BY c.expires_at, c.id
  -- Without a limit it would be all of them.
  LIMIT coalesce((SELECT count FROM wanted), 0)
  FOR NO KEY UPDATE SKIP LOCKED
), chosen AS (
  SELECT id, row_number() OVER (ORDER BY expires_at, id) AS place
  FROM (SELECT id, expires_at FROM mine UNION ALL SELECT id, expires_at FROM picked) AS c
), given AS (
  UPDATE stock_codes c SET
    state = 'reserved', order_id = s.id, reference = $1::text, place = h.place, changed_at = now()
  FROM chosen h, send s
  WHERE c.id = h.id AND (SELECT count(*) FROM chosen) = s.quantity
  RETURNING c.code, c.print, c.serial, c.cost, c.place
)
SELECT s.id IS NOT NULL, s.quantity, g.code, g.print, g.serial, g.cost
FROM (SELECT) AS one LEFT JOIN send s ON true LEFT JOIN given g ON true
ORDER BY g.place

-- Moves the mark of a delay over the events that are older than it, and notes a second look at each order that ended with one
-- of them and has not moved since. What a person settled after a look is not looked at again. Answers with how many events it
-- passed, and the orders: one row without an order where there are none.
-- $1 the delay in ms, $2 at most so many events, $3 the delays of providers that set none
WITH mark AS (
  SELECT position FROM second_look_marks WHERE delay_ms = $1 FOR UPDATE
), runs AS MATERIALIZED (
  SELECT first, ids FROM event_places WHERE last > (SELECT position FROM mark) ORDER BY last LIMIT 50
), following AS MATERIALIZED (
  SELECT e.order_id, e.version, e.status, e.at, r.first + i.number - 1 AS place
  FROM runs r, unnest(r.ids) WITH ORDINALITY AS i (id, number), events e
  WHERE e.id = i.id AND r.first + i.number - 1 > (SELECT position FROM mark)
  ORDER BY place LIMIT $2
), unripe AS (
  SELECT min(place) AS place FROM following WHERE at > now() - $1::bigint * interval '1 millisecond'
), ripe AS (
  SELECT * FROM following WHERE place < coalesce((SELECT place FROM unripe), 9223372036854775807)
), walked AS (
  UPDATE second_look_marks SET position = (SELECT max(place) FROM ripe)
  WHERE delay_ms = $1 AND EXISTS (SELECT FROM ripe)
), noted AS (
  INSERT INTO second_looks (order_id, version)
  SELECT o.id, o.version
  FROM ripe r JOIN orders o ON o.id = r.order_id AND o.version = r.version JOIN providers p ON p.id = o.provider_id
  -- Not at what was never sent, which has no provider.
  WHERE r.status IN ('completed', 'failed', 'cancelled') AND o.came_from <> 'contested'
    AND $1 = ANY (coalesce(p.second_look_ms, $3::bigint[]))
    AND (p.second_look_share IS NULL
      OR (hashtextextended(o.id::text, $1) & 1048575) < p.second_look_share * 1048576)
  ON CONFLICT (order_id) DO NOTHING
  RETURNING order_id
)
SELECT r.count, o.id, o.tenant_id, o.product, o.provider_id, o.trace
FROM (SELECT count(*) AS count FROM ripe) AS r LEFT JOIN noted n ON true LEFT JOIN orders o ON o.id = n.order_id

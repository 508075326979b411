-- The events that follow a position. $1 at most so many, $2 behind this position
WITH runs AS MATERIALIZED (
  -- Of those whose events are kept. A run holds one event or more: so many are enough for a batch, or for a good part of one.
  SELECT first, ids FROM event_places p
  WHERE last > $2 AND EXISTS (SELECT FROM unnest(p.ids) AS i (id) JOIN events e ON e.id = i.id)
  ORDER BY last LIMIT 50
), placed AS (
  SELECT i.id, r.first + i.number - 1 AS place FROM runs r, unnest(r.ids) WITH ORDINALITY AS i (id, number)
  UNION ALL
  -- Placed before there were runs.
  (SELECT id, position FROM events WHERE position > $2 AND position > 0 ORDER BY position LIMIT $1)
), following AS MATERIALIZED (
  SELECT v.*, p.place FROM placed p JOIN events v ON v.id = p.id WHERE p.place > $2 ORDER BY p.place LIMIT $1
)
SELECT {event}
FROM following e
LEFT JOIN orders o ON o.id = e.order_id
LEFT JOIN notices n ON n.event_id = e.id AND e.status = 'notice'
JOIN tenants t ON t.id = coalesce(o.tenant_id, n.tenant_id)
LEFT JOIN providers p ON p.id = o.provider_id
ORDER BY e.place

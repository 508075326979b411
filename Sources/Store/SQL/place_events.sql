-- Gives the oldest events that have no position theirs, in the order of ids, and returns them in it. In a transaction that
-- has lock_event_tail before it. $1 at most so many, $2 beyond this id: all up to it have one
WITH owed AS (
  SELECT id FROM (
    (SELECT id FROM events WHERE published_at IS NULL AND type IS NOT NULL AND id > $2 ORDER BY id LIMIT $1)
    UNION ALL
    -- Published by a scheduler that knew no positions.
    (SELECT id FROM events WHERE position IS NULL AND published_at IS NOT NULL AND type IS NOT NULL AND id > $2
     ORDER BY id LIMIT $1)
  ) AS either ORDER BY id LIMIT $1
), places AS (
  SELECT id, (SELECT last FROM event_tail WHERE one) + row_number() OVER (ORDER BY id) AS place FROM owed
), tail AS (
  UPDATE event_tail SET last = last + (SELECT count(*) FROM owed) WHERE one AND EXISTS (SELECT FROM owed)
), e AS (
  UPDATE events SET position = p.place, published_at = coalesce(published_at, 'infinity')
  FROM places p WHERE events.id = p.id
  RETURNING events.*
)
SELECT e.id, e.order_id, e.version, e.type, e.status, e.reason,
       to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       t.name, o.product, o.reference, p.name, o.trace, e.position, coalesce(e.published_at < 'infinity', false),
       coalesce(e.reason_code, reason_code_of(e.status, e.reason))
FROM e
JOIN orders o ON o.id = e.order_id
JOIN tenants t ON t.id = o.tenant_id
LEFT JOIN providers p ON p.id = o.provider_id
ORDER BY e.position

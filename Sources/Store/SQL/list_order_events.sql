-- The events of one order of a tenant that follow a position. $1 at most so many, $2 behind this position, $3 the tenant,
-- $4 only of these types (empty: of all), $5 the order. The columns are as those of list_events.sql
WITH tail AS (
  SELECT last, kept_after FROM event_tail WHERE one
), placed AS MATERIALIZED (
  SELECT e.*, CASE WHEN e.position > 0 THEN e.position ELSE coalesce(
    -- In the first run that reaches its id, or committed late.
    (SELECT p.first + array_position(p.ids, e.id) - 1 FROM (
       SELECT first, ids FROM event_places WHERE reach >= e.id ORDER BY reach, last LIMIT 1) AS p),
    (SELECT l.position FROM late_events l WHERE l.id = e.id)) END AS place
  FROM events e
  WHERE e.order_id = $5::uuid AND e.type IS NOT NULL AND (cardinality($4::text[]) = 0 OR e.type = ANY ($4::text[]))
    AND EXISTS (SELECT FROM orders WHERE id = $5::uuid AND tenant_id = $3::bigint)
), page AS (
  SELECT * FROM placed WHERE place > $2::bigint ORDER BY place LIMIT $1
)
SELECT tail.last, tail.kept_after, NULL::bigint, 0::bigint, {event}
FROM tail
LEFT JOIN page e ON true
LEFT JOIN orders o ON o.id = e.order_id
LEFT JOIN tenants t ON t.id = o.tenant_id
LEFT JOIN notices n ON false
LEFT JOIN providers p ON p.id = o.provider_id
ORDER BY e.place

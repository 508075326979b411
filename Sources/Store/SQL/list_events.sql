-- The events of a tenant that follow a position. $1 at most so many, $2 behind this position, $3 the tenant, $4 only of these
-- types (empty: of all), $5 looks at so many, $6 those of orders, $7 those for operators. The first four columns are of the whole answer, and so there is always a row
WITH tail AS (
  SELECT last, kept_after FROM event_tail WHERE one
), scanned AS MATERIALIZED (
  SELECT id, place FROM (
    -- Placed before there were runs.
    (SELECT e.id, e.position AS place FROM events e JOIN orders o ON o.id = e.order_id
     WHERE $6::boolean AND e.position > $2::bigint AND e.position > 0 AND o.tenant_id = $3::bigint ORDER BY e.position LIMIT $5)
    UNION ALL
    -- The runs come in order and so do the events of each: no more is read than is looked at.
    (SELECT p.ids[n.number], p.first + n.number - 1 FROM (
       SELECT last, numbers FROM tenant_event_runs
       WHERE $6::boolean AND tenant_id = $3::bigint AND last > $2::bigint ORDER BY last LIMIT $5) AS r
     CROSS JOIN LATERAL (SELECT first, ids FROM event_places WHERE last = r.last) AS p
     CROSS JOIN LATERAL (
       SELECT number::bigint FROM unnest(r.numbers) AS number
       UNION ALL SELECT number::bigint FROM generate_series(1, cardinality(p.ids)) AS number WHERE r.numbers IS NULL) AS n
     WHERE p.first + n.number - 1 > $2::bigint ORDER BY r.last, n.number LIMIT $5)
    UNION ALL
    (SELECT event_id, position FROM notices
     WHERE $7::boolean AND tenant_id = $3::bigint AND position > $2::bigint ORDER BY position LIMIT $5)
  ) AS places ORDER BY place LIMIT $5
), page AS (
  SELECT e.*, s.place FROM scanned s JOIN events e ON e.id = s.id
  WHERE cardinality($4::text[]) = 0 OR e.type = ANY ($4::text[]) ORDER BY s.place LIMIT $1
)
SELECT tail.last, tail.kept_after, (SELECT max(place) FROM scanned), (SELECT count(*) FROM scanned), {event}
FROM tail
LEFT JOIN page e ON true
LEFT JOIN orders o ON o.id = e.order_id
LEFT JOIN notices n ON n.event_id = e.id AND e.status = 'notice'
LEFT JOIN tenants t ON t.id = coalesce(o.tenant_id, n.tenant_id)
LEFT JOIN providers p ON p.id = o.provider_id
ORDER BY e.place

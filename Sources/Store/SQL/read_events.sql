-- The events that follow a position. $1 at most so many, $2 behind this position
SELECT e.id, e.order_id, e.version, e.type, e.status, e.reason,
       to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       t.name, o.product, o.reference, p.name, o.trace, e.position, coalesce(e.published_at < 'infinity', false),
       coalesce(e.reason_code, reason_code_of(e.status, e.reason))
FROM events e
JOIN orders o ON o.id = e.order_id
JOIN tenants t ON t.id = o.tenant_id
LEFT JOIN providers p ON p.id = o.provider_id
WHERE e.position > $2 AND e.position > 0
ORDER BY e.position LIMIT $1

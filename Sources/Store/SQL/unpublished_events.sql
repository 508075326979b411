-- The oldest events that are not in the stream yet. $1 at most so many, $2 beyond this id: all up to it are in the stream
SELECT e.id, e.order_id, e.version, e.type, e.status, e.reason,
       to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       t.name, o.product, o.reference, p.name, o.trace,
       coalesce(e.reason_code, reason_code_of(e.status, e.reason))
FROM events e
JOIN orders o ON o.id = e.order_id
JOIN tenants t ON t.id = o.tenant_id
LEFT JOIN providers p ON p.id = o.provider_id
WHERE e.published_at IS NULL AND e.type IS NOT NULL AND e.id > $2
ORDER BY e.id LIMIT $1

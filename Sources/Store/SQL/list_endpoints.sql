-- Endpoints with how much is in line. $1 the one tenant or null, $2 the one name or null
SELECT p.id, p.tenant_id, t.name, p.name, p.url, array_to_string(p.types, ','), p.rate_per_second, p.latest_only, p.sealed_to,
       p.state, (extract(epoch FROM now() - p.failing_since) * 1000)::bigint,
       (extract(epoch FROM now() - p.slow_since) * 1000)::bigint, p.warned_percent,
       (extract(epoch FROM p.previous_until - now()) * 1000)::bigint,
       to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       -- Counted no further than that: it may be millions.
       (SELECT count(*) FROM (SELECT FROM deliveries WHERE endpoint_id = p.id AND state = 'waiting' LIMIT 10000) AS d),
       (extract(epoch FROM p.held_until - now()) * 1000)::bigint
FROM endpoints p JOIN tenants t ON t.id = p.tenant_id
WHERE ($1::bigint IS NULL OR p.tenant_id = $1::bigint) AND ($2::text IS NULL OR p.name = $2::text)
ORDER BY t.name, p.name

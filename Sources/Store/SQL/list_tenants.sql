-- Tenants, each with its tokens that work now and the products that have a route. No parameters
SELECT t.name, to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (SELECT count(*) FROM api_tokens k
        WHERE k.tenant_id = t.id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())),
       (SELECT count(DISTINCT product) FROM routes r WHERE r.tenant_id = t.id),
       p.name, p.colour, octet_length(p.logo), coalesce(p.shows_pin, true)
FROM tenants t LEFT JOIN tenant_pages p ON p.tenant_id = t.id ORDER BY t.name

-- Tenants, each with its tokens that work now and the products that have a route. No parameters
SELECT t.name, to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (SELECT count(*) FROM api_tokens k
        WHERE k.tenant_id = t.id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())),
       (SELECT count(DISTINCT product) FROM routes r WHERE r.tenant_id = t.id)
FROM tenants t ORDER BY t.name

-- Tokens, as people see them. $1 tenant's name or null
SELECT k.id, coalesce(t.name, '(dashboard)'), array_to_string(k.scopes, ','),
       to_char(k.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(k.revoked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       k.name, k.prefix, to_char(k.last_used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(k.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), coalesce(k.expires_at <= now(), false),
       k.rate_per_second, k.rate_burst, k.replaced_by
FROM api_tokens k LEFT JOIN tenants t ON t.id = k.tenant_id
WHERE $1::text IS NULL OR t.name = $1 ORDER BY k.id

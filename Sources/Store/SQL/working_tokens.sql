-- The tenants' tokens that work now, and for how many ms more (null: until they are revoked). No parameters
SELECT k.hash, k.tenant_id, t.name, array_to_string(k.scopes, ','), k.id, k.prefix, k.rate_per_second, k.rate_burst,
       (extract(epoch FROM k.expires_at - now()) * 1000)::bigint, k.name
FROM api_tokens k JOIN tenants t ON t.id = k.tenant_id
WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())

-- The dashboard's tokens that work now, and for how many ms more (null: until they are revoked). No parameters
SELECT hash, id, (extract(epoch FROM expires_at - now()) * 1000)::bigint, name, array_to_string(scopes, ',')
FROM api_tokens
WHERE tenant_id IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())

-- The dashboard's tokens that work now. No parameters
SELECT hash, id FROM api_tokens
WHERE tenant_id IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())

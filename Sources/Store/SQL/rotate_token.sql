-- Makes a token in place of another: same tenant, scopes, name and rate. The other one ends after the overlap. No row when
-- there is no such token that works and was not rotated before.
-- $1 id of the old one, $2 hash of the new one, $3 its prefix, $4 overlap in ms, $5 ms until the new one ends, or null: it
-- lives as long as the old one was to
WITH old AS (
  SELECT * FROM api_tokens
  WHERE id = $1 AND revoked_at IS NULL AND replaced_by IS NULL AND (expires_at IS NULL OR expires_at > now())
  FOR UPDATE
), made AS (
  INSERT INTO api_tokens (tenant_id, hash, scopes, prefix, name, expires_at, rate_per_second, rate_burst)
  SELECT tenant_id, $2, scopes, $3, name,
         now() + coalesce($5::bigint * interval '1 millisecond', expires_at - created_at), rate_per_second, rate_burst
  FROM old
  RETURNING id, tenant_id, scopes, expires_at
), ended AS (
  UPDATE api_tokens k
  SET replaced_by = made.id, expires_at = least(k.expires_at, now() + $4::bigint * interval '1 millisecond')
  FROM made WHERE k.id = $1
  RETURNING k.expires_at
)
SELECT made.id, to_char(made.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce(t.name, ''), array_to_string(made.scopes, ','),
       to_char(ended.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM made CROSS JOIN ended LEFT JOIN tenants t ON t.id = made.tenant_id

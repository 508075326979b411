-- Makes a token. $1 tenant's name, $2 hash, $3 scopes, $4 prefix, $5 name, $6 ms until it ends or null, $7 rate per second
-- or null, $8 burst or null
INSERT INTO api_tokens (tenant_id, hash, scopes, prefix, name, expires_at, rate_per_second, rate_burst)
SELECT id, $2, $3::text[], $4, $5, now() + $6::bigint * interval '1 millisecond', $7::int, $8::int
FROM tenants WHERE name = $1
RETURNING id, to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')

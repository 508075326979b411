-- Makes a token of the dashboard. $1 hash, $2 scopes, $3 prefix, $4 name, $5 ms until it ends or null
INSERT INTO api_tokens (tenant_id, hash, scopes, prefix, name, expires_at)
VALUES (NULL, $1, $2::text[], $3, $4, now() + $5::bigint * interval '1 millisecond')
RETURNING id, to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')

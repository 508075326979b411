-- Gives back the lease of a login that failed; nobody asks again for a while.
-- $1 provider, $2 login, $3 holder, $4 that while in milliseconds. No rows.
UPDATE provider_tokens SET holder = NULL, held_until = NULL, failed_until = now() + $4::bigint * interval '1 millisecond', changed_at = now()
WHERE provider_id = $1::bigint AND login = $2::bytea AND holder = $3::text

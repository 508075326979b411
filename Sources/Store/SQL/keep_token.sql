-- Keeps the token that a holder of the lease got.
-- $1 provider, $2 login, $3 holder, $4 token, $5 and $6 milliseconds until it ends and is to be renewed.
-- Its number; no row where the lease is another's by now.
UPDATE provider_tokens SET sealed = $4::bytea, number = number + 1, ends_at = now() + $5::bigint * interval '1 millisecond',
  renew_at = now() + $6::bigint * interval '1 millisecond', holder = NULL, held_until = NULL, failed_until = NULL, changed_at = now()
WHERE provider_id = $1::bigint AND login = $2::bytea AND holder = $3::text
RETURNING number

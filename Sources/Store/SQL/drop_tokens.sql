-- Drops what other logins of a provider left, once no process goes by them any more.
-- $1 provider, $2 login. No rows.
DELETE FROM provider_tokens WHERE provider_id = $1::bigint AND login <> $2::bytea AND changed_at < now() - interval '1 day'

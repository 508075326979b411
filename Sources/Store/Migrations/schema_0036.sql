-- Programs of schema 8 and later go on working.
-- The tokens of providers that want one (OAuth), shared by all processes so that one of them asks for all. Sealed like the
-- credentials; a row is empty while its first token is asked for.
CREATE TABLE provider_tokens (
  provider_id bigint NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  login       bytea NOT NULL CHECK (octet_length(login) = 32), -- keyed hash of address and credentials
  sealed      bytea CHECK (octet_length(sealed) <= 16384),
  number      bigint NOT NULL DEFAULT 0,  -- of the token: grows with each
  ends_at     timestamptz,
  renew_at    timestamptz,                -- somewhat before
  holder      text,                       -- the process that is asking for the next one,
  held_until  timestamptz,                -- which is no other's work until then
  failed_until timestamptz,               -- a login failed, and nobody tries again before
  changed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider_id, login)
);

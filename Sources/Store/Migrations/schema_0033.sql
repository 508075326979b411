-- Programs of schema 8 and later go on working.
-- Answers of providers that no row of their contract explains: a row for each that differs, without PINs and credentials. A
-- provider has at most 200 of them, which the statement that notes them sees to.
CREATE TABLE unfamiliar_replies (
  provider_id bigint NOT NULL REFERENCES providers (id),
  print       bytea NOT NULL,             -- of the question's kind, the HTTP status and the answer without its numbers
  kind        text NOT NULL CHECK (kind IN ('send', 'query', 'probe')),
  status      int,
  reply       bytea NOT NULL CHECK (octet_length(reply) <= 4096),
  seen        bigint NOT NULL CHECK (seen > 0),
  order_id    uuid,                       -- the first order that got it
  first_at    timestamptz NOT NULL DEFAULT now(),
  last_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider_id, print)
);

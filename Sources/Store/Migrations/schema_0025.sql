-- Programs of schema 8 and later go on working.
-- Endpoints: addresses that shops want their events posted to (webhooks), what is to be posted, and what became of it.

CREATE TABLE endpoints (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id       bigint NOT NULL REFERENCES tenants,
  name            text NOT NULL,
  url             text NOT NULL,
  types           text[] NOT NULL,                    -- of events; '*' is every one
  rate_per_second int,                                -- requests; null: no limit
  latest_only     boolean NOT NULL,                   -- a newer version of an order takes the place of older ones
  sealed_to       text,                               -- an X25519 key in base64
  secret          bytea NOT NULL,                     -- sealed
  previous_secret bytea,                              -- sealed; signs as well until previous_until
  previous_until  timestamptz,
  state           text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled', 'gone')),
  failing_since   timestamptz,                        -- nothing but failures since then
  slow_since      timestamptz,                        -- nothing but slow answers since then
  warned_percent  int NOT NULL DEFAULT 0,             -- of the way to being disabled
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, name)
);

-- What an endpoint is to be told. The body stays what it was, so that each attempt posts the same.
CREATE TABLE deliveries (
  endpoint_id     bigint NOT NULL,
  position        bigint NOT NULL,                    -- of the event; tests have numbers below 0
  event_id        text NOT NULL,
  type            text NOT NULL,
  order_id        uuid NOT NULL,
  order_version   bigint NOT NULL,
  body            text NOT NULL,
  -- kept: not posted any more unless somebody asks for it; dropped: a newer version took its place
  state           text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dropped', 'kept')),
  attempts        int NOT NULL DEFAULT 0,             -- since it was put in line last
  tried_at        timestamptz,                        -- the first of these
  next_at         timestamptz NOT NULL DEFAULT now(),
  delivered_at    timestamptz,
  applied_version bigint,                             -- what the receiver says it has applied
  http_status     int,                                -- of the last answer
  duration_ms     int,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (endpoint_id, position)
);
CREATE INDEX deliveries_waiting ON deliveries (endpoint_id, order_id, position) WHERE state = 'waiting';
CREATE INDEX deliveries_by_order ON deliveries (order_id, position);

-- Attempts that failed.
CREATE TABLE delivery_attempts (
  endpoint_id bigint NOT NULL,
  position    bigint NOT NULL,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  cause       text NOT NULL,
  error       text NOT NULL,
  http_status int,
  duration_ms int NOT NULL,
  answer      bytea,                                  -- its first bytes
  next_at     timestamptz,                            -- null: not tried again by itself
  FOREIGN KEY (endpoint_id, position) REFERENCES deliveries ON DELETE CASCADE
);
CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (endpoint_id, position, at);

-- With what is coming, so that it need not change again.
ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_scopes_check, ADD CONSTRAINT api_tokens_scopes_check CHECK (
  CASE WHEN tenant_id IS NULL THEN scopes = ARRAY['dashboard:read']
       ELSE scopes <@ ARRAY['orders:write', 'orders:read', 'pins:read', 'orders:resolve', 'endpoints:write', 'operator'] END);

-- The first schema. PostgreSQL is the truth; everything in Redis can be rebuilt from here.

CREATE TABLE tenants (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_tokens (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id  bigint NOT NULL REFERENCES tenants,
  hash       bytea NOT NULL UNIQUE CHECK (length(hash) = 32),   -- SHA-256; the token itself is never stored
  scopes     text[] NOT NULL CHECK (scopes <@ ARRAY['orders:write', 'orders:read', 'pins:read']),
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);

CREATE TABLE providers (
  id                       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name                     text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  adapter                  text NOT NULL,
  base_url                 text NOT NULL,
  credentials              bytea NOT NULL,                      -- sealed with SEVK_SECRET_KEY
  timeout_ms               bigint NOT NULL DEFAULT 20000 CHECK (timeout_ms BETWEEN 1 AND 600000),
  concurrency_max          int NOT NULL DEFAULT 16 CHECK (concurrency_max BETWEEN 1 AND 10000),
  rate_per_second          int CHECK (rate_per_second > 0),     -- null: no limit
  trust_not_found_after_ms bigint CHECK (trust_not_found_after_ms >= 0),  -- null: never
  check_first_ms           bigint CHECK (check_first_ms > 0),   -- null: the process's setting, as for the next three
  check_backoff_ms         bigint CHECK (check_backoff_ms > 0),
  check_backoff_max_ms     bigint CHECK (check_backoff_max_ms > 0),
  check_deadline_ms        bigint CHECK (check_deadline_ms > 0),
  balance                  numeric(18, 4),
  balance_at               timestamptz,
  created_at               timestamptz NOT NULL DEFAULT now(),
  updated_at               timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE routes (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   bigint NOT NULL REFERENCES tenants,
  product     text NOT NULL CHECK (length(product) BETWEEN 1 AND 100),
  provider_id bigint NOT NULL REFERENCES providers,
  parameters  jsonb NOT NULL,                                   -- templates such as {"oyuncu_bilgi": "{player_id}"}
  position    int NOT NULL DEFAULT 1 CHECK (position > 0),      -- 1 is tried first
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, product, position)
);

CREATE TABLE catalog (
  provider_id bigint NOT NULL REFERENCES providers,
  name        text NOT NULL,
  game        text NOT NULL,
  cost        numeric(18, 4),
  parameters  jsonb NOT NULL,
  seen_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider_id, name, game)
);

CREATE TABLE orders (
  id                 uuid PRIMARY KEY,
  version            int NOT NULL DEFAULT 1,
  status             text NOT NULL,
  came_from          text NOT NULL DEFAULT '',
  tenant_id          bigint NOT NULL REFERENCES tenants,
  product            text NOT NULL,
  fields             jsonb NOT NULL,
  reference          text,
  priority           text NOT NULL CHECK (priority IN ('high', 'normal', 'low')),
  quantity           int NOT NULL CHECK (quantity > 0),
  idempotency_key    text NOT NULL,
  request_hash       bytea NOT NULL CHECK (length(request_hash) = 32),
  reason             text,
  provider_id        bigint REFERENCES providers,
  provider_reference text,
  attempt            int NOT NULL DEFAULT 0,
  checks             int NOT NULL DEFAULT 0,
  sent_at            timestamptz,
  due_at             timestamptz,
  cost               numeric(18, 4),
  pin                bytea,                                     -- sealed with SEVK_SECRET_KEY
  trace              text,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, idempotency_key),
  -- The life of an order: the same table as Orders/Status.swift. Each change records where it came from.
  CONSTRAINT orders_life CHECK ((came_from, status) IN (
    ('', 'pending'),
    ('pending', 'sending'), ('pending', 'failed'), ('pending', 'cancelled'), ('pending', 'held'),
    ('sending', 'sent'), ('sending', 'completed'), ('sending', 'failed'), ('sending', 'pending'),
    ('sending', 'unresolved'), ('sending', 'held'),
    ('sent', 'completed'), ('sent', 'failed'), ('sent', 'held'),
    ('unresolved', 'sent'), ('unresolved', 'completed'), ('unresolved', 'failed'), ('unresolved', 'pending'),
    ('unresolved', 'held'),
    ('held', 'pending'), ('held', 'sending'), ('held', 'sent'), ('held', 'unresolved'), ('held', 'completed'),
    ('held', 'failed'), ('held', 'cancelled')
  )),
  CONSTRAINT orders_at_provider CHECK (
    status NOT IN ('sending', 'sent', 'unresolved') OR (provider_id IS NOT NULL AND provider_reference IS NOT NULL)),
  CONSTRAINT orders_due CHECK ((due_at IS NOT NULL) = (status IN ('pending', 'sending', 'sent', 'unresolved'))),
  CONSTRAINT orders_pin CHECK (pin IS NULL OR status = 'completed'),
  CONSTRAINT orders_held CHECK (status <> 'held' OR reason IS NOT NULL)
) WITH (fillfactor = 70);

-- Only what is open is looked for by time; finished orders cost these indexes nothing.
CREATE INDEX orders_open ON orders (id) WHERE status IN ('pending', 'sending', 'sent', 'unresolved');
CREATE INDEX orders_held ON orders (id) WHERE status = 'held';
CREATE INDEX orders_by_tenant ON orders (tenant_id, id);
-- What support is given to search by: the shop's reference, the player.
CREATE INDEX orders_by_reference ON orders (reference, tenant_id) WHERE reference IS NOT NULL;
CREATE INDEX orders_by_player ON orders ((fields ->> 'player_id')) WHERE fields ? 'player_id';

CREATE TABLE attempts (
  order_id    uuid NOT NULL REFERENCES orders,
  number      int NOT NULL,
  provider_id bigint NOT NULL REFERENCES providers,
  reference   text NOT NULL,
  state       text NOT NULL CHECK (state IN ('sending', 'accepted', 'refused', 'not_sent', 'unknown', 'not_received')),
  cost        numeric(18, 4),
  balance     numeric(18, 4),                                   -- what the provider said was left
  begun_at    timestamptz NOT NULL DEFAULT now(),
  answered_at timestamptz,
  PRIMARY KEY (order_id, number),
  -- The reference comes first, so that the same index finds an order by our reference alone.
  CONSTRAINT attempts_reference UNIQUE (reference, provider_id)
) WITH (fillfactor = 80);

CREATE TABLE exchanges (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id    uuid NOT NULL,
  attempt     int NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('send', 'query', 'probe', 'catalog')),
  request     text NOT NULL,
  status      int,
  reply       bytea NOT NULL,
  error       text,
  duration_ms int NOT NULL,
  at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX exchanges_by_order ON exchanges (order_id, id);

-- The outbox: one row for each change of status, written with the change itself.
CREATE TABLE events (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id     uuid NOT NULL,
  version      int NOT NULL,
  status       text NOT NULL,
  type         text,                                            -- null: kept for the timeline, not published
  reason       text,
  at           timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  UNIQUE (order_id, version)
);
CREATE INDEX events_unpublished ON events (id) WHERE published_at IS NULL AND type IS NOT NULL;

-- Programs of schema 8 and later go on working.
-- People fulfil orders: partners, the desks that name them, and how far each order at a desk is. What a stage and an offer may
-- lead to says Orders/Fulfilment; FulfilmentTableTests holds the constraints here against it.
CREATE TABLE partners (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id  bigint NOT NULL REFERENCES tenants,
  name       text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  phone      text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),     -- E.164
  telegram   text CHECK (telegram ~ '^(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,32})$'),  -- chat
  language   text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'tr', 'ar', 'ru', 'uk')),
  -- away: nothing new is offered to them; removed: nor can they do anything, and their name is free.
  state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'away', 'removed')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX partners_by_name ON partners (tenant_id, name) WHERE state <> 'removed';

-- As api_tokens, for the partner API and the desk.
CREATE TABLE partner_tokens (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partner_id   bigint NOT NULL REFERENCES partners,
  hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),   -- SHA-256
  prefix       text NOT NULL,                                           -- what logs and lists show
  name         text NOT NULL DEFAULT '' CHECK (octet_length(name) <= 63),
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX partner_tokens_by_partner ON partner_tokens (partner_id);

-- What a provider with the adapter desk has beside others.
CREATE TABLE desks (
  provider_id      bigint PRIMARY KEY REFERENCES providers ON DELETE CASCADE,
  rule             text NOT NULL CHECK (rule IN ('all', 'first', 'choose')),
  accept_within_ms bigint NOT NULL CHECK (accept_within_ms > 0),
  when_nobody      text NOT NULL CHECK (when_nobody IN ('next', 'failed', 'held'))
);
CREATE TABLE desk_partners (
  provider_id bigint NOT NULL REFERENCES desks ON DELETE CASCADE,
  partner_id  bigint NOT NULL REFERENCES partners,
  place       int NOT NULL CHECK (place > 0),
  PRIMARY KEY (provider_id, partner_id)
);

CREATE TRIGGER stamp_partners AFTER INSERT OR UPDATE OR DELETE ON partners FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_desks AFTER INSERT OR UPDATE OR DELETE ON desks FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_desk_partners AFTER INSERT OR UPDATE OR DELETE ON desk_partners FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();

-- An order that is, or was last, at a desk: as its send said. It counts while the order's attempt is its own; that of the order's
-- next desk takes its place.
CREATE TABLE fulfilments (
  order_id         uuid PRIMARY KEY,
  attempt          int NOT NULL,
  reference        text NOT NULL,                               -- of the send
  provider_id      bigint NOT NULL REFERENCES providers,
  version          int NOT NULL,                                -- of the order, as of the last change that it has a version for
  revision         int NOT NULL DEFAULT 1,                      -- grows with every change: who saw an older one writes nothing
  flow             text NOT NULL,
  rule             text NOT NULL CHECK (rule IN ('all', 'first', 'choose')),
  when_nobody      text NOT NULL CHECK (when_nobody IN ('next', 'failed', 'held')),
  accept_within_ms bigint NOT NULL CHECK (accept_within_ms > 0),
  handover         text NOT NULL CHECK (handover IN ('code', 'none')),
  came_from        text NOT NULL DEFAULT '',                    -- the stage before
  stage            text NOT NULL,
  partner_id       bigint REFERENCES partners,                  -- who has it
  code             bytea,                                       -- for the hand-over, sealed with SEVK_SECRET_KEY
  tries            int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 4),  -- wrong codes; the fifth makes it a person's
  cancel_by        text CHECK (cancel_by IN ('shop', 'customer', 'support')),
  cancel_who       text,
  cancel_note      text,
  cancel_at        timestamptz,
  deadline         timestamptz,                                 -- when the clock has a say
  begun_at         timestamptz NOT NULL DEFAULT now(),
  changed_at       timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fulfilments_life CHECK (flow || ':' || came_from || '>' || stage = ANY ('{
    pickup:>offered,pickup:offered>accepted,pickup:accepted>preparing,pickup:accepted>ready,pickup:preparing>ready,
    pickup:accepted>offered,pickup:preparing>offered,pickup:ready>offered,
    delivery:>offered,delivery:offered>accepted,delivery:accepted>preparing,delivery:accepted>ready,
    delivery:accepted>delivering,delivery:preparing>ready,delivery:preparing>delivering,delivery:ready>delivering,
    delivery:accepted>offered,delivery:preparing>offered,delivery:ready>offered,delivery:delivering>offered,
    work:>offered,work:offered>accepted,work:accepted>started,work:accepted>offered,work:started>offered}'::text[])),
  CONSTRAINT fulfilments_holder CHECK ((partner_id IS NULL) = (stage = 'offered')),
  CONSTRAINT fulfilments_code CHECK (code IS NULL OR handover = 'code' AND partner_id IS NOT NULL),
  CONSTRAINT fulfilments_cancel CHECK ((cancel_by IS NULL) = (cancel_at IS NULL) AND (cancel_by IS NULL) = (cancel_who IS NULL))
);
-- What a partner has and had, newest last.
CREATE INDEX fulfilments_by_partner ON fulfilments (partner_id, order_id) WHERE partner_id IS NOT NULL;

CREATE TABLE offers (
  order_id   uuid NOT NULL REFERENCES fulfilments,
  attempt    int NOT NULL,
  partner_id bigint NOT NULL REFERENCES partners,
  came_from  text NOT NULL DEFAULT '',
  state      text NOT NULL,
  price      numeric(18, 4) CHECK (price >= 0),
  note       text NOT NULL DEFAULT '',
  responded  boolean NOT NULL DEFAULT false,                    -- they would have done it, which still holds
  gave_up    boolean NOT NULL DEFAULT false,
  offered_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, attempt, partner_id),
  CONSTRAINT offers_life CHECK (came_from || '>' || state = ANY ('{
    >offered,offered>responded,offered>accepted,offered>declined,offered>withdrawn,offered>expired,
    responded>accepted,responded>declined,responded>withdrawn,responded>expired,accepted>declined,accepted>withdrawn,
    declined>offered,declined>responded,declined>withdrawn,expired>offered,expired>responded,expired>withdrawn,
    withdrawn>offered,withdrawn>responded}'::text[]))
);
CREATE INDEX offers_open ON offers (partner_id, order_id) WHERE state IN ('offered', 'responded');

ALTER TABLE orders
  ADD COLUMN stage text,                                        -- as in fulfilments; null where no desk has, or had, it
  ADD CONSTRAINT orders_stage CHECK (
    stage IN ('offered', 'accepted', 'preparing', 'ready', 'delivering', 'started')) NOT VALID,
  -- NOT VALID: what this replaces held for every row, and allowed less.
  DROP CONSTRAINT orders_life, ADD CONSTRAINT orders_life CHECK (
    came_from || '>' || status = ANY ('{
      >pending,pending>sending,sending>sent,sent>completed,
      pending>failed,pending>cancelled,pending>held,
      sending>completed,sending>failed,sending>cancelled,sending>pending,sending>unresolved,sending>held,
      sent>failed,sent>held,sent>pending,sent>cancelled,
      unresolved>sent,unresolved>completed,unresolved>failed,unresolved>cancelled,unresolved>pending,unresolved>held,
      held>pending,held>sending,held>sent,held>unresolved,held>completed,held>failed,held>cancelled,
      completed>contested,failed>contested,cancelled>contested,contested>completed,contested>failed}'::text[])) NOT VALID;

-- Of the order when it was written.
ALTER TABLE events ADD COLUMN stage text;

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT, UPDATE ON fulfilments, offers TO sevk_app;
    GRANT SELECT ON partners, partner_tokens, desks, desk_partners TO sevk_app;
    REVOKE INSERT, UPDATE ON partners, partner_tokens, desks, desk_partners FROM sevk_app;
    GRANT UPDATE (last_used_at) ON partner_tokens TO sevk_app;
  END IF;
  IF to_regrole('sevk_read') IS NOT NULL THEN
    REVOKE SELECT ON fulfilments FROM sevk_read;
    GRANT SELECT (order_id, attempt, reference, provider_id, version, revision, flow, rule, when_nobody, accept_within_ms,
      handover, came_from, stage, partner_id, tries, cancel_by, cancel_who, cancel_note, cancel_at, deadline, begun_at, changed_at)
      ON fulfilments TO sevk_read;
  END IF;
END $$;

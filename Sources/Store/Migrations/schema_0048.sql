-- Programs of schema 8 and later go on working.
-- Channels: accounts at services that carry messages to people; whom they tell what; and what is to be told, and became of it.

CREATE TABLE channels (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  adapter       text NOT NULL,
  base_url      text NOT NULL,
  credentials   bytea NOT NULL,                       -- sealed
  held_until    timestamptz,                          -- the service asked to be left alone until then, or its login does not work
  trouble       text,                                 -- why nobody is told anything by it
  trouble_since timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

-- Who is told what, and how. A customer is reached where the order says, a partner where the partner says; people who run things
-- at the address here.
CREATE TABLE notify_targets (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id  bigint NOT NULL REFERENCES tenants,
  audience   text NOT NULL CHECK (audience IN ('customer', 'partner', 'ops')),
  channel_id bigint NOT NULL REFERENCES channels,
  address    text NOT NULL DEFAULT '' CHECK ((address <> '') = (audience = 'ops')),
  language   text,                                    -- null: the one that a customer's order says, or English
  types      text[] NOT NULL,                         -- of events
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, audience, channel_id, address)
);
CREATE INDEX notify_targets_by_channel ON notify_targets (channel_id);

-- A tenant's own words in the place of ours.
CREATE TABLE notify_texts (
  tenant_id bigint NOT NULL REFERENCES tenants,
  audience  text NOT NULL CHECK (audience IN ('customer', 'partner', 'ops')),
  type      text NOT NULL,
  language  text NOT NULL,
  words     text NOT NULL CHECK (length(words) BETWEEN 1 AND 2000),   -- the first line is the subject
  PRIMARY KEY (tenant_id, audience, type, language)
);

-- What is to be told: once for each change of an order and each target, whatever happens.
CREATE TABLE notifications (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target_id     bigint NOT NULL REFERENCES notify_targets ON DELETE CASCADE,
  order_id      uuid NOT NULL,                        -- or what an event for operators is about
  order_version int NOT NULL,
  kind          text NOT NULL DEFAULT 'tell' CHECK (kind IN ('tell', 'edit')),
  type          text NOT NULL,                        -- of the event
  happened_at   timestamptz NOT NULL,
  -- dropped: a newer change was told, or it came too late; refused: this message, or this person, never; nobody: the order says no
  -- way to reach them; failed: not within a day; unknown: it may have come
  state         text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'sent', 'dropped', 'refused', 'nobody', 'failed', 'unknown')),
  why           text,
  words         text,                                 -- of an edit: what the message says from now on
  attempts      int NOT NULL DEFAULT 0,
  doubts        int NOT NULL DEFAULT 0,               -- attempts of which nobody knows whether they arrived
  begun_at      timestamptz,                          -- an attempt that may have left, and is not known to have failed
  next_at       timestamptz NOT NULL DEFAULT now(),
  sent_at       timestamptz,
  address       text,                                 -- where it went
  message_id    text,                                 -- the service's name for it
  created_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (target_id, order_id, order_version, kind)
);
CREATE INDEX notifications_waiting ON notifications (target_id, order_id, order_version) WHERE state = 'waiting';
CREATE INDEX notifications_by_order ON notifications (order_id, id);

-- What a service said of where it was to reach somebody: the chat has another number now, or takes nothing from us.
CREATE TABLE channel_contacts (
  channel_id bigint NOT NULL REFERENCES channels ON DELETE CASCADE,
  address    text NOT NULL,
  moved_to   text,
  blocked_at timestamptz,
  why        text,
  PRIMARY KEY (channel_id, address)
);

-- What a button below a message means. It carries a token, and here is the token's SHA-256: whoever presses it says no more.
CREATE TABLE button_tokens (
  hash            bytea PRIMARY KEY,
  channel_id      bigint NOT NULL REFERENCES channels ON DELETE CASCADE,
  notification_id bigint,                             -- the message that it is below
  kind            text NOT NULL,                      -- what is to be done
  order_id        uuid,
  partner_id      bigint,
  offer_id        bigint,
  language        text NOT NULL,
  expires_at      timestamptz NOT NULL,
  used_by         bigint,                             -- the update that brought the press
  used_at         timestamptz
);
CREATE INDEX button_tokens_by_age ON button_tokens (expires_at);

-- Updates that Telegram posted, which come at least once. The answer is given again.
CREATE TABLE telegram_updates (
  channel_id bigint NOT NULL REFERENCES channels ON DELETE CASCADE,
  update_id  bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  done_at    timestamptz,
  answer     text,
  PRIMARY KEY (channel_id, update_id)
);
CREATE INDEX telegram_updates_by_age ON telegram_updates (at);

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    REVOKE INSERT, UPDATE ON channels, notify_targets, notify_texts FROM sevk_app;
    GRANT UPDATE (held_until, trouble, trouble_since) ON channels TO sevk_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON notifications, channel_contacts, button_tokens, telegram_updates TO sevk_app;
    GRANT SELECT ON channels, notify_targets, notify_texts TO sevk_app;
  END IF;
END $$;

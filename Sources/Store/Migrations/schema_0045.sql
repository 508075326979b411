-- Programs of schema 8 and later go on working.
-- People act in the dashboard: what its tokens may do, what was done beside orders, what waits for a second person, and moves of
-- many orders at once.

-- Older programs let every one of these look, and no more.
ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_scopes_check, ADD CONSTRAINT api_tokens_scopes_check CHECK (
  CASE WHEN tenant_id IS NULL
       THEN 'dashboard:read' = ANY (scopes) AND scopes <@ ARRAY['dashboard:read', 'dashboard:decide', 'dashboard:operate']
       ELSE scopes <@ ARRAY['orders:write', 'orders:read', 'pins:read', 'orders:resolve', 'endpoints:write', 'operator'] END);

-- NOT VALID: what this replaces held for every row, and allowed less.
ALTER TABLE audits DROP CONSTRAINT audits_what_check, ADD CONSTRAINT audits_what_check CHECK (what IN (
  'received', 'not_received', 'completed', 'failed', 'retry', 'cancel', 'refund_claim', 'stock_returned', 'stock_written_off',
  'contested', 'ask', 'second_wanted')) NOT VALID;

-- What people did to providers, queues and jobs, and to many orders at once. Written once, never changed.
CREATE TABLE acts (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  who    text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  what   text NOT NULL CHECK (length(what) BETWEEN 1 AND 100),
  target text NOT NULL,
  note   text NOT NULL,
  at     timestamptz NOT NULL DEFAULT now()
);

-- To send again for more than this what may be there already takes two people; null: one. In the provider's currency.
ALTER TABLE providers ADD COLUMN second_person_above numeric(18, 4) CHECK (second_person_above >= 0);

-- The first of the two: holds for the order's version alone.
CREATE TABLE second_asks (
  order_id uuid PRIMARY KEY,
  version  int NOT NULL,
  who      text NOT NULL,
  note     text NOT NULL,
  at       timestamptz NOT NULL DEFAULT now()
);

-- A move of many orders. What it is about is written down when it is looked at, so that nothing else is moved later.
CREATE TABLE order_runs (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  what       text NOT NULL,                           -- a person's choice, or 'ask'
  filter     text NOT NULL,                           -- in words
  drawn_by   text NOT NULL,
  drawn_at   timestamptz NOT NULL DEFAULT now(),
  state      text NOT NULL DEFAULT 'drawn' CHECK (state IN ('drawn', 'running', 'aborted', 'ended')),
  who        text,                                    -- who started it, with why
  note       text,
  started_at timestamptz,
  process    text,                                    -- which carries it out,
  beat_at    timestamptz,                             -- and when it last said so
  ended_at   timestamptz,
  CHECK (state = 'drawn' OR who IS NOT NULL AND note IS NOT NULL OR state = 'aborted')
);

CREATE TABLE order_run_items (
  run_id   bigint NOT NULL REFERENCES order_runs ON DELETE CASCADE,
  order_id uuid NOT NULL,
  version  int NOT NULL,                              -- as it was looked at
  state    text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'wanted', 'refused')),
  why      text,                                      -- it was refused
  PRIMARY KEY (run_id, order_id)
);

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT ON acts TO sevk_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON second_asks, order_runs, order_run_items TO sevk_app;
    REVOKE UPDATE ON acts FROM sevk_app;
  END IF;
END $$;

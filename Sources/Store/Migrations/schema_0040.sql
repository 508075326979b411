-- Programs of schema 8 and later go on working.
-- Statements of providers, while they are compared with orders: their lines stay for as long as that takes.
CREATE TABLE statements (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES providers,
  since       timestamptz NOT NULL,
  until       timestamptz NOT NULL,
  who         text NOT NULL,
  begun_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE statement_lines (
  statement_id      bigint NOT NULL REFERENCES statements ON DELETE CASCADE,
  line              int NOT NULL,
  reference         text NOT NULL,
  amount            numeric(18, 4),
  status            text,
  meaning           text CHECK (meaning IN ('delivered', 'cancelled', 'waiting')),
  at                timestamptz,
  provider_order_id text,
  is_damaged        boolean NOT NULL DEFAULT false,               -- something in it can't be read
  -- The only index: what is known of the table's size is mostly wrong, and no plan can take another one.
  PRIMARY KEY (statement_id, reference, line)
);

ALTER TABLE audits DROP CONSTRAINT audits_what_check, ADD CONSTRAINT audits_what_check CHECK (what IN (
  'received', 'not_received', 'completed', 'failed', 'retry', 'cancel', 'refund_claim', 'stock_returned', 'stock_written_off',
  'contested')) NOT VALID;

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT, DELETE ON statements, statement_lines TO sevk_app;
    GRANT UPDATE ON statement_lines TO sevk_app;
    REVOKE UPDATE ON statements FROM sevk_app;
  END IF;
END $$;
-- Outside a transaction:
-- Lines that name the provider's own order and not ours.
CREATE INDEX CONCURRENTLY attempts_by_provider_order ON attempts (provider_id, provider_order_id) WHERE provider_order_id IS NOT NULL;

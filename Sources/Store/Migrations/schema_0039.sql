-- Programs of schema 8 and later go on working.
-- Codes bought in bulk, given out by the adapter `stock`. A code goes to one order: what it was set aside for stands in its
-- row, and whether that order got it follows from the order.

-- What is known of each product of a stock. `given` and `written_off` count codes that left it: they are many, and counted
-- when they leave.
CREATE TABLE stock_products (
  provider_id bigint NOT NULL REFERENCES providers,
  product     text NOT NULL CHECK (octet_length(product) BETWEEN 1 AND 100),
  low         int CHECK (low >= 0),                             -- fewer free codes than this are too few; null: nobody said
  given       bigint NOT NULL DEFAULT 0,
  written_off bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (provider_id, product)
);

-- The files that codes came from, so that one that is added again is known.
CREATE TABLE stock_files (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES providers,
  product     text NOT NULL,
  hash        bytea NOT NULL CHECK (length(hash) = 32),         -- SHA-256
  who         text NOT NULL,
  begun_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, product, hash)
);

CREATE TABLE stock_codes (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL,
  product     text NOT NULL,
  code        bytea NOT NULL,                                   -- sealed with SEVK_SECRET_KEY
  print       bytea NOT NULL UNIQUE CHECK (length(print) = 32), -- keyed hash of the code
  serial      text,
  cost        numeric(18, 4),
  expires_at  timestamptz,                                      -- from then on it is given to nobody
  state       text NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'reserved', 'given', 'written_off')),
  file_id     bigint NOT NULL REFERENCES stock_files,
  line        int NOT NULL,
  order_id    uuid,                                             -- what it was set aside for,
  reference   text,                                             -- under which send,
  place       int,                                              -- and as which of the order's codes
  changed_at  timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (provider_id, product) REFERENCES stock_products,
  CONSTRAINT stock_codes_place UNIQUE (provider_id, reference, place),
  CONSTRAINT stock_codes_order CHECK (
    (order_id IS NULL) = (reference IS NULL) AND (order_id IS NULL) = (place IS NULL)
    AND CASE state WHEN 'free' THEN order_id IS NULL WHEN 'written_off' THEN true ELSE order_id IS NOT NULL END)
) WITH (fillfactor = 80);
-- In the order in which they are given: what expires first goes first.
CREATE INDEX stock_free ON stock_codes (provider_id, product, expires_at, id) WHERE state = 'free';
CREATE INDEX stock_reserved ON stock_codes (id) WHERE state = 'reserved';
CREATE INDEX stock_by_order ON stock_codes (order_id) WHERE order_id IS NOT NULL;

-- What people did to codes. Of one that was an order's, the order's audits tell it as well.
CREATE TABLE stock_moves (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code_id  bigint NOT NULL,
  came_from text NOT NULL,
  state    text NOT NULL,
  order_id uuid,
  who      text NOT NULL,
  note     text NOT NULL,
  at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stock_moves_by_code ON stock_moves (code_id);

-- NOT VALID: what this replaces held for every row, and allowed less.
ALTER TABLE audits DROP CONSTRAINT audits_what_check, ADD CONSTRAINT audits_what_check CHECK (what IN (
  'received', 'not_received', 'completed', 'failed', 'retry', 'cancel', 'refund_claim', 'stock_returned', 'stock_written_off'))
  NOT VALID;

ALTER TABLE provider_troubles DROP CONSTRAINT provider_troubles_topic_check,
  ADD CONSTRAINT provider_troubles_topic_check CHECK (topic IN ('provider', 'balance', 'stock'));

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT, UPDATE ON stock_products, stock_files, stock_codes, stock_moves TO sevk_app;
    REVOKE UPDATE ON stock_files, stock_moves FROM sevk_app;
  END IF;
  IF to_regrole('sevk_read') IS NOT NULL THEN
    REVOKE SELECT ON stock_codes FROM sevk_read;
    GRANT SELECT (id, provider_id, product, serial, cost, expires_at, state, file_id, line, order_id, reference, place, changed_at)
      ON stock_codes TO sevk_read;
  END IF;
END $$;

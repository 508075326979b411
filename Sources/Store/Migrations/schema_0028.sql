-- Programs of schema 8 and later go on working.
-- Orders that ended are asked about again: of most nothing is kept but how far the reader of ended orders is.

-- How far each delay's reader of events is: it walks so long behind the present.
CREATE TABLE second_look_marks (
  delay_ms bigint PRIMARY KEY,
  position bigint NOT NULL
) WITH (fillfactor = 50);

-- The looks that are due: a row from then until it is over, which is moments.
CREATE TABLE second_looks (
  order_id   uuid PRIMARY KEY,
  version    int NOT NULL,                                        -- the order's when it ended; once it moved there is nothing to ask
  due_at     timestamptz NOT NULL DEFAULT now(),
  tries      smallint NOT NULL DEFAULT 0,                         -- questions that got no answer
  said       bytea,                                               -- print of what contradicts its end and was said once
  said_at    timestamptz
) WITH (fillfactor = 70);

ALTER TABLE providers
  ADD COLUMN second_look_ms    bigint[],                          -- null: the default; empty: never
  ADD COLUMN second_look_share real CHECK (second_look_share > 0 AND second_look_share <= 1);  -- null: all orders

-- What people did to orders by hand: who, why, and what it changed. Written with the change itself, never changed after.

CREATE TABLE audits (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id    uuid NOT NULL,
  version     int NOT NULL,                                     -- the order's, after the change
  what        text NOT NULL CHECK (what IN ('received', 'not_received', 'completed', 'failed', 'retry', 'cancel')),
  from_status text NOT NULL,
  to_status   text NOT NULL,
  who         text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  note        text NOT NULL CHECK (length(note) BETWEEN 1 AND 2000),
  at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audits_by_order ON audits (order_id, id);

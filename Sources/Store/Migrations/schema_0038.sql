-- Programs of schema 8 and later go on working.
-- When an order goes on to another route, and which of several takes it. Programs of before take the first by its position, as they
-- always did, and keep no reason with a send.
ALTER TABLE providers
  ADD COLUMN failover_after_ms bigint CHECK (failover_after_ms > 0);   -- null: its orders wait while it is shut
ALTER TABLE routes
  ADD COLUMN failover_after_ms bigint CHECK (failover_after_ms > 0),   -- null: the provider's
  ADD COLUMN share             int CHECK (share BETWEEN 1 AND 100),    -- among routes that follow each other and have one
  ADD COLUMN cost_max          numeric(18, 4) CHECK (cost_max > 0),
  ADD COLUMN by_cost           boolean NOT NULL DEFAULT false;         -- the same for all routes of a product
ALTER TABLE attempts
  ADD COLUMN choice       text,                                        -- why the order took this route; null: there was no other
  ADD COLUMN choice_words text,                                        -- for people; nothing is decided by it
  ADD COLUMN catalog_cost numeric(18, 4);                              -- what the provider's catalogue asked when it was sent

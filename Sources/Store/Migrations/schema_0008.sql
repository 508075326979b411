-- Programs of schema 6 and later go on working.
-- Tokens that end, are rotated, are limited, and can be told apart. Those made before have none of it and work as they did;
-- programs from before know no end and no limit, so replace every dispatcher before relying on either.
ALTER TABLE api_tokens
  ADD COLUMN name            text NOT NULL DEFAULT '' CHECK (length(name) <= 63),
  ADD COLUMN prefix          text NOT NULL DEFAULT '',          -- the token's beginning, by which a log may name it
  ADD COLUMN expires_at      timestamptz,
  ADD COLUMN last_used_at    timestamptz,                       -- written once an hour at most
  ADD COLUMN replaced_by     bigint REFERENCES api_tokens,
  ADD COLUMN rate_per_second int CHECK (rate_per_second >= 0),  -- null: the process's setting; 0: no limit
  ADD COLUMN rate_burst      int CHECK (rate_burst > 0);        -- null: as many as a second brings

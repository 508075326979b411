-- Programs of schema 8 and later go on working.
-- The secret keys (SEVK_SECRET_KEY) that this database knows, by a fingerprint: nothing here opens anything, or helps to find
-- a key. One is active: it seals, in every process. A process without it does not start.
CREATE TABLE secret_keys (
  id    text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{8}$'),          -- as it stands in what the key sealed, in hexadecimal
  proof bytea NOT NULL CHECK (octet_length(proof) = 32),        -- keyed hash of a fixed text: tells keys of one id apart
  state text NOT NULL CHECK (state IN ('known', 'active', 'old', 'lost', 'dropped')),
  since timestamptz NOT NULL DEFAULT now()                      -- in this state
);
CREATE UNIQUE INDEX secret_keys_active ON secret_keys (state) WHERE state = 'active';

-- Which keys each process has: a new one is used only once all have it. A row that was not renewed for a minute is of a
-- process that is gone.
CREATE TABLE key_holders (
  process text PRIMARY KEY,
  keys    text[] NOT NULL,
  sealing text NOT NULL,                                        -- the key that it seals with
  seen_at timestamptz NOT NULL DEFAULT now()
);

-- How far `dispatcher key reseal` is, so that one that was stopped goes on there.
CREATE TABLE reseal_marks (
  place    text PRIMARY KEY,                                    -- table and column
  key_id   text NOT NULL,                                       -- of the key that it seals with
  after    text NOT NULL,                                       -- the last row that was looked at
  moved_at timestamptz NOT NULL DEFAULT now()
);

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT ON secret_keys TO sevk_app;
    REVOKE UPDATE ON secret_keys FROM sevk_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON key_holders TO sevk_app;
    REVOKE INSERT, UPDATE ON reseal_marks FROM sevk_app;
  END IF;
  IF to_regrole('sevk_read') IS NOT NULL THEN
    REVOKE SELECT ON secret_keys FROM sevk_read;
    GRANT SELECT (id, state, since) ON secret_keys TO sevk_read;
  END IF;
END $$;

-- Programs of schema 8 and later go on working.
-- What people changed of the set-up by a file, or took out of it: who, when, and what. Written with the change itself, never
-- changed after.
CREATE TABLE setup_audits (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  who     text NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
  what    text NOT NULL CHECK (length(what) BETWEEN 1 AND 100),   -- the command
  changes text[] NOT NULL,                                        -- a line each, without any secret
  at      timestamptz NOT NULL DEFAULT now()
);

-- Lets the statements of one transaction go on only where something holds: no value comes back between them.
CREATE FUNCTION require_setup(holds boolean, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'SV001', MESSAGE = why;
  END IF;
END $$;

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    REVOKE INSERT, UPDATE ON setup_audits FROM sevk_app;
  END IF;
END $$;

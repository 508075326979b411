-- Programs of schema 8 and later go on working.
-- Which installation this is: its Redis bears the same mark, so that two installations on one Redis are noticed.
CREATE TABLE installation (
  one bool PRIMARY KEY DEFAULT true CHECK (one),
  id  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO installation DEFAULT VALUES;

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT ON installation TO sevk_app;
    REVOKE INSERT, UPDATE ON installation FROM sevk_app;
  END IF;
  IF to_regrole('sevk_gateway') IS NOT NULL THEN GRANT SELECT ON installation TO sevk_gateway; END IF;
END $$;

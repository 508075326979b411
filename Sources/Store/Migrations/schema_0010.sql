-- Programs of schema 8 and later go on working.
-- What keeps growing gets an end, and what rarely changes is read again only when it did.

-- Another value with each change of what processes keep in memory: tenants, tokens, providers, routes. Random and not
-- counted up, so that after a restore no value means two things.
CREATE TABLE setup_version (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  stamp   uuid NOT NULL DEFAULT gen_random_uuid()
) WITH (fillfactor = 50);
INSERT INTO setup_version DEFAULT VALUES;

-- With its owner's rights, since who may pause a provider need not be able to write the stamp by hand.
CREATE FUNCTION stamp_setup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('UPDATE %I.setup_version SET stamp = gen_random_uuid()', TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;

CREATE TRIGGER stamp_tenants AFTER INSERT OR UPDATE OR DELETE ON tenants
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_routes AFTER INSERT OR UPDATE OR DELETE ON routes
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_tokens AFTER INSERT OR DELETE ON api_tokens
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_providers AFTER INSERT OR DELETE ON providers
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
-- What processes themselves note all the time is no change of the set-up.
CREATE TRIGGER stamp_changed_tokens AFTER UPDATE ON api_tokens FOR EACH ROW
  WHEN (to_jsonb(OLD) - '{last_used_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{last_used_at}'::text[])
  EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_changed_providers AFTER UPDATE ON providers FOR EACH ROW
  WHEN (to_jsonb(OLD) - '{balance,balance_at,updated_at}'::text[]
    IS DISTINCT FROM to_jsonb(NEW) - '{balance,balance_at,updated_at}'::text[])
  EXECUTE FUNCTION stamp_setup();

-- A key is forgotten when no client repeats it any longer (SEVK_KEY_RETENTION); the order stays.
ALTER TABLE orders ALTER COLUMN idempotency_key DROP NOT NULL;
-- How far a sweep has come that leaves rows behind, so that the next one does not begin anew.
CREATE TABLE retention_marks (
  what     text PRIMARY KEY,
  order_id uuid NOT NULL
);

-- Outside a transaction:
-- Prints are dropped by the age of their orders, whose ids begin with their time.
CREATE INDEX CONCURRENTLY pin_prints_by_order ON pin_prints (order_id);

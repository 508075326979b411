-- Programs of schema 8 and later go on working.
-- A list of orders that misses no change: GET /v1/orders?order=changed. `changed` is the number of the transaction that
-- changed the order last. Ids and times don't do for that: a transaction that began earlier may commit later.

-- Added to the number. Another server counts its transactions anew, so sevk-restore raises it above all there is.
CREATE TABLE change_base (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  base bigint NOT NULL CHECK (base >= 0)
);
INSERT INTO change_base (base) VALUES (0);

-- For programs that write orders without naming the column.
CREATE FUNCTION order_change() RETURNS bigint LANGUAGE sql STABLE
  AS 'SELECT base + pg_current_xact_id()::text::bigint FROM change_base WHERE one';

-- 0: not since this schema. The order of the two lets PostgreSQL write no row anew.
ALTER TABLE orders ADD COLUMN changed bigint NOT NULL DEFAULT 0;
ALTER TABLE orders ALTER COLUMN changed SET DEFAULT order_change();

-- Programs of this schema set it themselves, so for them the function is never called.
CREATE FUNCTION note_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE base bigint;
BEGIN
  EXECUTE format('SELECT base FROM %I.change_base', TG_TABLE_SCHEMA) INTO base;
  NEW.changed := base + pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER note_change BEFORE UPDATE ON orders FOR EACH ROW
  WHEN (NEW.version <> OLD.version AND NEW.changed = OLD.changed) EXECUTE FUNCTION note_order_change();

-- What a provider's account is kept in (ISO 4217), where somebody said so: its answers name amounts alone.
ALTER TABLE providers ADD COLUMN currency text CHECK (currency ~ '^[A-Z]{3}$');

-- Outside a transaction:
CREATE INDEX CONCURRENTLY orders_by_change ON orders (tenant_id, changed, id);

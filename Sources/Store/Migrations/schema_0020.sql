-- Programs of schema 8 and later go on working.
-- Takes away what each change of an order paid for; see schema_0018.sql.

-- Each row was looked up again for them, though its order was written by the same statement. Orders and providers are
-- deleted by nobody; these triggers see to it.
ALTER TABLE attempts DROP CONSTRAINT attempts_order_id_fkey, DROP CONSTRAINT attempts_provider_id_fkey;
ALTER TABLE pin_prints DROP CONSTRAINT pin_prints_order_id_fkey;
CREATE FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_named boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE %I = $1.id)', TG_TABLE_SCHEMA, TG_ARGV[0], TG_ARGV[1])
  INTO is_named USING OLD;
  IF is_named THEN
    RAISE foreign_key_violation USING MESSAGE = format('a row of %s is still named in %s', TG_TABLE_NAME, TG_ARGV[0]);
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER refuse_delete BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_delete('attempts', 'order_id');
CREATE TRIGGER refuse_delete_of_open BEFORE DELETE ON orders
  FOR EACH ROW EXECUTE FUNCTION refuse_delete('unsettled_orders', 'order_id');
CREATE TRIGGER refuse_delete BEFORE DELETE ON providers
  FOR EACH ROW EXECUTE FUNCTION refuse_delete('attempts', 'provider_id');

-- The life of an order as before, as one list that is looked through: it is read anew for each statement, and tested for each row.
-- NOT VALID: the constraint that it replaces held for every row.
ALTER TABLE orders DROP CONSTRAINT orders_life, ADD CONSTRAINT orders_life CHECK (
  came_from || '>' || status = ANY ('{
    >pending,pending>sending,sending>sent,sent>completed,
    pending>failed,pending>cancelled,pending>held,
    sending>completed,sending>failed,sending>pending,sending>unresolved,sending>held,
    sent>failed,sent>held,
    unresolved>sent,unresolved>completed,unresolved>failed,unresolved>pending,unresolved>held,
    held>pending,held>sending,held>sent,held>unresolved,held>completed,held>failed,held>cancelled}'::text[])) NOT VALID;

-- Exchanges are found by their order; `id` still tells which came first.
ALTER TABLE exchanges DROP CONSTRAINT exchanges_pkey;

-- Outside a transaction:
-- Orders that ended before schema 18 are listed by it.
CREATE INDEX CONCURRENTLY orders_by_old_change ON orders (tenant_id, changed, id) WHERE changed >= 0;
DROP INDEX CONCURRENTLY orders_by_change;
DROP INDEX CONCURRENTLY orders_open;
DROP INDEX CONCURRENTLY orders_held;
DROP INDEX CONCURRENTLY orders_by_status;
-- See settled_sends.
DROP INDEX CONCURRENTLY attempts_accepted;
-- Each event has its position from place_events.sql by now, or is found by its id.
DROP INDEX CONCURRENTLY events_unplaced;
-- orders_by_whom has these too.
DROP INDEX CONCURRENTLY orders_by_player;

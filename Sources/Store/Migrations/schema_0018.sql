-- Programs of schema 8 and later go on working.
-- A change of an order's status touches no index of `orders`: PostgreSQL then writes the row anew in its page and nothing else.
-- What is listed by status or by change stands in tables of its own, which stay small. Events are written once, and not
-- again when they get their position.
--
-- Programs from before know nothing of it. Triggers keep the lists for them, and for whoever writes by hand; programs of this
-- schema keep them themselves and say so in each transaction (keep_lists.sql). Replace schedulers first: those from before
-- publish what programs from before wrote, and leave to the others what these wrote. Until the last of them is replaced,
-- what they look for by status has no index.

-- The orders that are open or held, and the change that each had last.
CREATE TABLE unsettled_orders (
  order_id   uuid PRIMARY KEY,
  tenant_id  bigint NOT NULL,
  status     text NOT NULL,
  changed    bigint NOT NULL,
  created_at timestamptz NOT NULL
);
-- Few are in a status but `sent` for long, and all are for moments in `sending`.
CREATE INDEX unsettled_by_status ON unsettled_orders (tenant_id, status, order_id) WHERE status NOT IN ('sending', 'sent');
CREATE INDEX unsettled_by_change ON unsettled_orders (tenant_id, changed, order_id);

-- The last change of orders that ended: those of a tenant that one statement ended are a row. For orders that ended before
-- this schema it stands in orders.changed.
CREATE TABLE settled_orders (
  tenant_id bigint NOT NULL,
  changed   bigint NOT NULL,
  order_ids uuid[] NOT NULL
);
CREATE INDEX settled_by_change ON settled_orders (tenant_id, changed);

-- Orders that ended and were not completed, which are few.
CREATE TABLE unfulfilled_orders (
  tenant_id bigint NOT NULL,
  status    text NOT NULL,
  order_id  uuid NOT NULL,
  PRIMARY KEY (tenant_id, status, order_id)
);

-- A send that each provider is known to have settled, to compare answers with.
CREATE TABLE settled_sends (
  provider_id   bigint PRIMARY KEY,
  account_epoch int NOT NULL,
  reference     text NOT NULL,
  noted_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Which events of this schema have which positions: a run of them a row. The others have theirs in events.position, and
-- those whose position stands here have 0 there, as have events that were published before there were positions.
CREATE TABLE event_places (
  last     bigint PRIMARY KEY,                                  -- the position of the last of them
  first    bigint NOT NULL,
  least_id bigint NOT NULL,
  ids      bigint[] NOT NULL                                    -- in the order of positions
);

-- How far the events of this schema have their positions: all up to `seen`, but for those in gaps. A number in a gap was
-- drawn by a transaction that was not over; once all are over that began before a gap was seen, nothing comes in it.
ALTER TABLE event_tail
  ADD COLUMN seen         bigint NOT NULL DEFAULT 0,
  ADD COLUMN gaps         int8multirange NOT NULL DEFAULT '{}',
  ADD COLUMN old_gaps     int8multirange NOT NULL DEFAULT '{}',
  ADD COLUMN old_gaps_end bigint NOT NULL DEFAULT 0;            -- the first transaction that began after old_gaps were seen
-- Of what schedulers published that knew no positions, some may have none yet.
UPDATE event_tail SET seen = coalesce(
  (SELECT min(id) - 1 FROM events WHERE position IS NULL AND published_at IS NOT NULL AND type IS NOT NULL),
  (SELECT max(id) FROM events), 0);

-- -1: stands in one of the lists.
ALTER TABLE orders ALTER COLUMN changed SET DEFAULT -1;
DROP TRIGGER note_change ON orders;
DROP FUNCTION note_order_change();

-- With its owner's rights, since programs from before have none to the lists until roles.sql has run. Temporary tables come
-- last, so that nobody puts one in the place of a list.
SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);
CREATE FUNCTION keep_order_lists() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.status IN ('completed', 'failed', 'cancelled') THEN
    DELETE FROM unsettled_orders WHERE order_id = NEW.id;
    IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
      INSERT INTO settled_orders (tenant_id, changed, order_ids) VALUES (NEW.tenant_id, order_change(), ARRAY[NEW.id]);
      INSERT INTO unfulfilled_orders (tenant_id, status, order_id)
      SELECT NEW.tenant_id, NEW.status, NEW.id WHERE NEW.status <> 'completed' ON CONFLICT DO NOTHING;
    END IF;
  ELSE
    INSERT INTO unsettled_orders (order_id, tenant_id, status, changed, created_at)
    VALUES (NEW.id, NEW.tenant_id, NEW.status, order_change(), NEW.created_at)
    ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, changed = excluded.changed;
  END IF;
  IF NEW.changed <> -1 THEN UPDATE orders SET changed = -1 WHERE id = NEW.id; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER list_new_order AFTER INSERT ON orders FOR EACH ROW
  WHEN (current_setting('sevk.keeps_lists', true) IS DISTINCT FROM 'yes') EXECUTE FUNCTION keep_order_lists();
CREATE TRIGGER list_changed_order AFTER UPDATE ON orders FOR EACH ROW
  WHEN (current_setting('sevk.keeps_lists', true) IS DISTINCT FROM 'yes'
    AND (NEW.status <> OLD.status OR NEW.version <> OLD.version OR NEW.changed <> OLD.changed))
  EXECUTE FUNCTION keep_order_lists();
ALTER TABLE orders ENABLE ALWAYS TRIGGER list_new_order, ENABLE ALWAYS TRIGGER list_changed_order;

-- After the triggers, so that nothing comes between. What is not settled is not much.
INSERT INTO unsettled_orders (order_id, tenant_id, status, changed, created_at)
SELECT id, tenant_id, status, changed, created_at FROM orders
WHERE status IN ('pending', 'sending', 'sent', 'unresolved')
UNION ALL
SELECT id, tenant_id, status, changed, created_at FROM orders WHERE status = 'held';

-- The list of changes must not name them twice. For nobody have they changed by it.
SELECT set_config('sevk.keeps_lists', 'yes', true);
UPDATE orders SET changed = -1 WHERE id IN (SELECT order_id FROM unsettled_orders);

INSERT INTO settled_sends (provider_id, account_epoch, reference)
SELECT p.id, p.account_epoch, a.reference FROM providers p CROSS JOIN LATERAL (
  SELECT reference FROM attempts a
  WHERE a.provider_id = p.id AND a.state = 'accepted' AND NOT a.is_made_up
    AND coalesce(a.account_epoch, 1) = p.account_epoch
    AND (SELECT status FROM orders WHERE id = a.order_id) = 'completed'
  ORDER BY a.order_id DESC LIMIT 1) AS a;

-- Who empties `orders` empties what hangs on it.
CREATE FUNCTION empty_order_lists() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  TRUNCATE unsettled_orders, settled_orders, unfulfilled_orders, pin_prints;
  RETURN NULL;
END $$;
CREATE TRIGGER empty_lists AFTER TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION empty_order_lists();

-- Programs of schema 8 and later go on working.
-- Events and exchanges are kept in parts (partitions) by their ids, so that what is old is dropped with its part and not row
-- by row. The tables as they were become the first parts; no row moves.
--
-- A part holds 2^32 ids and begins when the scheduler (or whoever calls begin_part) lets the ids leap to its first: it is made
-- before any id of it is drawn, so none can be missing. Were one, its rows would go into the rest. The rest also keeps what
-- an open or held order, or one that ended late, had in a part that was dropped. An id counts nothing but the order; positions
-- have no gaps. Without SEVK_RETENTION everything stays in the first part.

-- When each part began. Part n has the ids from n * 2^32, the first one those before as well.
CREATE TABLE row_parts (
  parent   text NOT NULL CHECK (parent IN ('events', 'exchanges')),
  number   bigint NOT NULL,
  began_at timestamptz NOT NULL,
  PRIMARY KEY (parent, number)
);

SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);

-- The indexes of a part.
CREATE FUNCTION index_part(parent text, part text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF parent = 'exchanges' THEN
    EXECUTE format('CREATE INDEX %I ON %I (order_id, id)', part || '_by_order', part);
  ELSE
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id), ADD UNIQUE (order_id, version)', part);
    EXECUTE format('CREATE INDEX %I ON %I (id) WHERE published_at IS NULL AND type IS NOT NULL', part || '_unpublished', part);
    EXECUTE format('CREATE INDEX %I ON %I (position) WHERE position > 0', part || '_by_position', part);
  END IF;
END $$;

DO $$
DECLARE
  parent text;
  first text;
  ids bigint;
  bound bigint;
BEGIN
  LOCK TABLE events, exchanges IN ACCESS EXCLUSIVE MODE;
  -- Of which a database that never had schema 14 with rows in it may have none yet.
  CREATE UNIQUE INDEX IF NOT EXISTS events_by_position ON events (position) WHERE position > 0;
  FOREACH parent IN ARRAY ARRAY['events', 'exchanges'] LOOP
    ids := coalesce(pg_sequence_last_value(pg_get_serial_sequence(parent, 'id')::regclass), 0);
    bound := (SELECT substring(pg_get_constraintdef(oid) FROM '[0-9]+')::bigint FROM pg_constraint
              WHERE conrelid = parent::regclass AND conname = parent || '_first_part');
    first := parent || '_' || (bound >> 32) - 1;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', parent, first);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN id DROP IDENTITY', first);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id)', parent, first);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', parent, parent || '_first_part');
    EXECUTE format('ALTER TABLE %I ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY', parent);
    IF ids > 0 THEN PERFORM setval(pg_get_serial_sequence(parent, 'id'), ids); END IF;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', parent, first, bound);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', first, parent || '_first_part');
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_rest', parent);
    PERFORM index_part(parent, parent || '_rest');
    INSERT INTO row_parts (parent, number, began_at) VALUES (parent, (bound >> 32) - 1, '-infinity');
    IF to_regrole('sevk_app') IS NOT NULL THEN EXECUTE format('REVOKE ALL ON %I FROM sevk_app', first); END IF;
  END LOOP;
END $$;
ALTER INDEX events_by_position RENAME TO events_0_by_position;

-- Begins a new part for what is written from now on, unless the last one is empty or began less than $2 ms ago. With its
-- owner's rights, since a process may make no tables; a table that others use it waits for no longer than 100 ms (55P03).
-- Returns whether it did.
CREATE FUNCTION begin_part(parent text, least_ms bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
  ids regclass := pg_get_serial_sequence(parent, 'id');
  last row_parts;
  reached bigint;
  fresh bigint;
  part text;
BEGIN
  -- One at a time; a second one then finds that it has been done.
  PERFORM pg_advisory_xact_lock(5346187206);
  SELECT p.* INTO last FROM row_parts p WHERE p.parent = begin_part.parent ORDER BY p.number DESC LIMIT 1;
  reached := coalesce(pg_sequence_last_value(ids), 0);
  IF last.began_at > now() - least_ms * interval '1 millisecond' OR reached < greatest(last.number << 32, 1) THEN
    RETURN false;
  END IF;
  -- Where ids went on behind the last part, their rows are in the rest, and the new part is behind them.
  fresh := greatest(last.number, reached >> 32) + 1;
  part := parent || '_' || fresh;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
  PERFORM index_part(parent, part);
  IF to_regrole('sevk_app') IS NOT NULL THEN EXECUTE format('REVOKE ALL ON %I FROM sevk_app', part); END IF;
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, fresh << 32, (fresh + 1) << 32);
  INSERT INTO row_parts (parent, number, began_at) VALUES (parent, fresh, clock_timestamp());
  PERFORM setval(ids, fresh << 32, false);
  RETURN true;
END $$;

-- Drops a part that was full $3 ms ago, at least an hour, and keeps in the rest what the orders of $4 and open ones have in it.
-- Returns how many rows it kept, or null if there is no such part or it is too young. Fails with 55000 while some sink lacks
-- an event of it.
CREATE FUNCTION drop_part(parent text, number bigint, age_ms bigint, kept uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
  part text := parent || '_' || number;
  full_at timestamptz;
  bound bigint := (number + 1) << 32;
  slowest bigint;
  is_owed boolean;
  orders uuid[];
  rows bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(5346187206);
  IF NOT EXISTS (SELECT FROM row_parts p WHERE p.parent = drop_part.parent AND p.number = drop_part.number) THEN RETURN NULL; END IF;
  SELECT p.began_at INTO full_at FROM row_parts p
  WHERE p.parent = drop_part.parent AND p.number > drop_part.number ORDER BY p.number LIMIT 1;
  IF full_at IS NULL OR full_at > now() - greatest(age_ms, 3600000) * interval '1 millisecond' THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(part) AND inhparent = parent::regclass) THEN
    -- Somebody took it away.
    DELETE FROM row_parts p WHERE p.parent = drop_part.parent AND p.number = drop_part.number;
    RETURN 0;
  END IF;
  EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part);
  IF parent = 'events' THEN
    -- Looked at once nobody writes to it any longer. What has a type belongs to every sink.
    slowest := coalesce((SELECT min(position) FROM event_sinks), 0);
    EXECUTE format('SELECT EXISTS (SELECT FROM %1$I WHERE published_at IS NULL AND type IS NOT NULL)
      OR EXISTS (SELECT FROM %1$I WHERE position > 0 AND position > $1)
      OR EXISTS (SELECT FROM %1$I WHERE id > (SELECT seen FROM event_tail WHERE one) AND type IS NOT NULL)
      OR EXISTS (SELECT FROM event_tail, unnest(gaps + old_gaps) AS gap, %1$I e
                 WHERE e.id >= lower(gap) AND e.id < upper(gap) AND e.type IS NOT NULL)
      OR EXISTS (SELECT FROM event_places WHERE last > $1 AND least_id < $2)', part)
    INTO is_owed USING slowest, bound;
    IF is_owed THEN RAISE object_not_in_prerequisite_state USING MESSAGE = 'some sink lacks an event of it'; END IF;
  END IF;
  -- Whoever was open when the page of his order was read is among $4. This is for who was opened again since.
  orders := kept || ARRAY(SELECT order_id FROM unsettled_orders WHERE created_at < full_at);
  EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE SELECT p.* FROM %I p WHERE p.order_id = ANY ($1)', parent, part) USING orders;
  GET DIAGNOSTICS rows = ROW_COUNT;
  EXECUTE format('DROP TABLE %I', part);
  DELETE FROM row_parts p WHERE p.parent = drop_part.parent AND p.number = drop_part.number;
  RETURN rows;
END $$;

-- Not for everybody, though each judges by itself what may be done.
REVOKE EXECUTE ON FUNCTION begin_part(text, bigint), drop_part(text, bigint, bigint, uuid[]) FROM PUBLIC;
DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION begin_part(text, bigint), drop_part(text, bigint, bigint, uuid[]) TO sevk_app;
    REVOKE INSERT, UPDATE ON row_parts FROM sevk_app;
    REVOKE ALL ON events_rest, exchanges_rest FROM sevk_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON events TO sevk_app;
    GRANT SELECT, INSERT, DELETE ON exchanges TO sevk_app;
    REVOKE UPDATE ON exchanges FROM sevk_app;
    GRANT SELECT, DELETE ON events_rest, exchanges_rest TO sevk_app;
  END IF;
END $$;

-- Outside a transaction:
-- Each part has its own.
DROP INDEX CONCURRENTLY events_by_position;

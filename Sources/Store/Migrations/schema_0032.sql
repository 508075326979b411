-- Programs of schema 8 and later go on working.
-- Events that are no order's, for operators: of providers, and of endpoints. Each is a row in events, with a position among all
-- others; its order_id names what it is about, and its status is 'notice'. Programs of before pass over them: they find no
-- order of that id.

CREATE TABLE notices (
  event_id  bigint PRIMARY KEY,                                   -- its row in events
  id        uuid NOT NULL,                                        -- of what it is about, for the tenant: order_id in events
  version   int NOT NULL,                                         -- counts the notices of that
  tenant_id bigint NOT NULL,
  name      text NOT NULL,                                        -- the id of the event as it is published
  subject   text NOT NULL,
  data      text NOT NULL,                                        -- JSON
  position  bigint,                                               -- null until it is published
  UNIQUE (id, version)
);
CREATE INDEX notices_by_tenant ON notices (tenant_id, position);
CREATE INDEX notices_unplaced ON notices (event_id) WHERE position IS NULL;

SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);

-- Writes an event for each of some tenants. One whose name the same subject has already is that event, and not written again.
-- Returns how many were written.
CREATE FUNCTION add_notice(tenants bigint[], about text, named text, kind text, content text)
RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  tenant bigint;
  subject_id uuid;
  following int;
  event bigint;
  added bigint := 0;
BEGIN
  -- One at a time, for the versions; they are few.
  PERFORM pg_advisory_xact_lock(5346187207);
  FOREACH tenant IN ARRAY tenants LOOP
    subject_id := md5(tenant || ' ' || about)::uuid;
    CONTINUE WHEN EXISTS (SELECT FROM notices n WHERE n.id = subject_id AND n.name = named);
    following := coalesce((SELECT max(n.version) FROM notices n WHERE n.id = subject_id), 0) + 1;
    INSERT INTO events (order_id, version, status, type) VALUES (subject_id, following, 'notice', kind) RETURNING id INTO event;
    INSERT INTO notices (event_id, id, version, tenant_id, name, subject, data)
    VALUES (event, subject_id, following, tenant, named, about, content);
    added := added + 1;
  END LOOP;
  RETURN added;
END $$;

-- Whoever gives positions, of whatever version.
CREATE FUNCTION place_notices() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE notices n SET position = NEW.first + array_position(NEW.ids, n.event_id) - 1
  WHERE n.position IS NULL AND n.event_id = ANY (NEW.ids);
  RETURN NULL;
END $$;
CREATE TRIGGER place_notices AFTER INSERT ON event_places FOR EACH ROW EXECUTE FUNCTION place_notices();

DO $$ BEGIN
  -- Not from the owner, as whom the trigger writes.
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT, DELETE ON notices TO sevk_app;
    REVOKE UPDATE ON notices FROM sevk_app;
  END IF;
  IF to_regrole('sevk_gateway') IS NOT NULL THEN GRANT SELECT ON notices TO sevk_gateway; END IF;
END $$;

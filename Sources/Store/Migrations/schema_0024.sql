-- Programs of schema 8 and later go on working.
-- What a shop needs to read its own events by position, and one order's: which runs of event_places hold events of a tenant,
-- and where an event is that is known by its id. Schedulers from before write neither; a trigger does it for them.

-- The runs with events of a tenant.
CREATE TABLE tenant_event_runs (
  tenant_id bigint NOT NULL,
  last      bigint NOT NULL,                                    -- the run, as event_places names it
  numbers   smallint[],                                         -- which of its ids, from 1; null: all of them
  PRIMARY KEY (tenant_id, last)
);

-- Events that were committed after one with a greater id had its position. The others are in the first run that reaches
-- their id.
CREATE TABLE late_events (
  id       bigint PRIMARY KEY,
  position bigint NOT NULL
);

-- The greatest id that was looked for when the run was made: never less than that of the run before.
ALTER TABLE event_places ADD COLUMN reach bigint;

-- Of events up to this position some may have been dropped: who comes from before it has missed some.
ALTER TABLE event_tail ADD COLUMN kept_after bigint NOT NULL DEFAULT 0;

SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);
CREATE FUNCTION list_event_places() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  before bigint := coalesce((SELECT max(reach) FROM event_places), 0);
BEGIN
  NEW.reach := greatest(before, NEW.ids[cardinality(NEW.ids)]);
  INSERT INTO tenant_event_runs (tenant_id, last, numbers)
  SELECT o.tenant_id, NEW.last,
         CASE WHEN count(*) < cardinality(NEW.ids) THEN array_agg(i.number::smallint ORDER BY i.number) END
  FROM unnest(NEW.ids) WITH ORDINALITY AS i (id, number)
  JOIN events e ON e.id = i.id JOIN orders o ON o.id = e.order_id
  GROUP BY o.tenant_id
  ON CONFLICT DO NOTHING;
  INSERT INTO late_events (id, position)
  SELECT i.id, NEW.first + i.number - 1 FROM unnest(NEW.ids) WITH ORDINALITY AS i (id, number) WHERE i.id <= before
  ON CONFLICT DO NOTHING;
  RETURN NEW;
END $$;
CREATE TRIGGER list_places BEFORE INSERT ON event_places FOR EACH ROW
  WHEN (NEW.reach IS NULL) EXECUTE FUNCTION list_event_places();

-- The runs that there are. After the trigger, so that none comes between.
UPDATE event_places p SET reach = r.reach FROM (
  SELECT last, max(ids[cardinality(ids)]) OVER (ORDER BY last) AS reach FROM event_places) AS r
WHERE r.last = p.last AND p.reach IS NULL;
INSERT INTO tenant_event_runs (tenant_id, last, numbers)
SELECT o.tenant_id, p.last, array_agg(i.number::smallint ORDER BY i.number)
FROM event_places p, unnest(p.ids) WITH ORDINALITY AS i (id, number)
JOIN events e ON e.id = i.id JOIN orders o ON o.id = e.order_id
GROUP BY o.tenant_id, p.last
ON CONFLICT DO NOTHING;
INSERT INTO late_events (id, position)
SELECT i.id, p.first + i.number - 1
FROM (SELECT *, lag(reach) OVER (ORDER BY last) AS before FROM event_places) AS p,
     unnest(p.ids) WITH ORDINALITY AS i (id, number)
WHERE i.id <= p.before
ON CONFLICT DO NOTHING;

-- What retention has taken so far.
UPDATE event_tail SET kept_after = greatest(
  coalesce((SELECT max(p.first + i.number - 1) FROM event_places p, unnest(p.ids) WITH ORDINALITY AS i (id, number)
            WHERE NOT EXISTS (SELECT FROM events WHERE id = i.id)), 0),
  coalesce((SELECT min(place) - 1 FROM (
    SELECT min(first) AS place FROM event_places
    UNION ALL SELECT min(position) FROM events WHERE position > 0) AS p), last));

-- Outside a transaction:
CREATE INDEX CONCURRENTLY event_places_by_reach ON event_places (reach, last);

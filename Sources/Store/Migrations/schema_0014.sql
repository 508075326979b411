-- Programs of schema 8 and later go on working.
-- Events have positions and sinks: a sink is whatever events are delivered to (the Redis streams are the first), and its row
-- in event_sinks says up to which position it has everything.
--
-- The relay gives a committed event its position, so one that commits late gets a later one and no reader skips it. With the
-- position it sets published_at to 'infinity'. That is for schedulers of before, in a rolling upgrade, in which both
-- publish by turns (they share one lease):
--   * They publish what has no published_at, so they leave alone what has a position. If the relay that gave it died before
--     it delivered, the next one of its version delivers it: later, and not lost.
--   * What they publish has a time in published_at and no position. The relay gives it one, in the order of ids, and the sink
--     of the streams passes over it: it is there already. Other sinks get it as any event.
--   * Their retention knows no sinks: it may drop what they believe to be published. Replace every scheduler before a second
--     sink is registered.
-- Going back for good to a version without sinks, once every scheduler is stopped:
--   UPDATE events SET published_at = NULL WHERE position > (SELECT position FROM event_sinks WHERE name = 'stream');

-- The last position that was given: kept here, since retention may drop the event that has it.
CREATE TABLE event_tail (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  last bigint NOT NULL CHECK (last >= 0)
) WITH (fillfactor = 50);
INSERT INTO event_tail (last) VALUES (0);

CREATE TABLE event_sinks (
  name          text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
  position      bigint NOT NULL DEFAULT 0 CHECK (position >= 0),  -- it has everything up to this one
  registered_at timestamptz NOT NULL DEFAULT now(),
  advanced_at   timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO event_sinks (name) VALUES ('stream');

-- 0: published before there were positions; null: not given yet, or not to be published. The order of the two lets
-- PostgreSQL write no row anew.
ALTER TABLE events ADD COLUMN position bigint DEFAULT 0;
ALTER TABLE events ALTER COLUMN position DROP DEFAULT;
UPDATE events SET position = NULL WHERE published_at IS NULL AND type IS NOT NULL;

-- Outside a transaction:
CREATE UNIQUE INDEX CONCURRENTLY events_by_position ON events (position) WHERE position > 0;
-- What schedulers of before published: empty, and never written to, once they are gone.
CREATE INDEX CONCURRENTLY events_unplaced ON events (id)
  WHERE position IS NULL AND published_at IS NOT NULL AND type IS NOT NULL;

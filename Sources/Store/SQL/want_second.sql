-- Somebody wants an order sent again, and a second person has to say so too: noted for this version of the order, unless
-- somebody did within a day. With an audit row. No row when the order is not as it was seen, or it was noted before.
-- $1 id, $2 version, $3 who as the second one is compared with, $4 who for people, $5 note, $6 ms for which it holds
WITH seen AS (
  SELECT id, version, status FROM orders WHERE id = $1::uuid AND version = $2::int FOR UPDATE
), wanted AS (
  INSERT INTO second_asks AS a (order_id, version, who, note) SELECT id, version, $3::text, $5::text FROM seen
  ON CONFLICT (order_id) DO UPDATE SET version = excluded.version, who = excluded.who, note = excluded.note, at = now()
  WHERE a.version <> excluded.version OR a.at <= now() - $6::bigint * interval '1 millisecond'
  RETURNING order_id
), dropped AS (
  DELETE FROM second_asks WHERE at < now() - interval '30 days' AND order_id <> $1::uuid
)
INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
SELECT s.id, s.version, 'second_wanted', s.status, s.status, $4::text, $5::text, now() FROM seen s JOIN wanted w ON w.order_id = s.id
RETURNING id

-- What the customer says of a completed order: once. The order gets a new version and an event, and stays completed; a second
-- look that is owed goes with it. Answers with the version; no row where it is not completed, or was rated.
-- $1 id, $2 stars, $3 words, $4 the event's type
WITH change AS (
  SELECT base + pg_current_xact_id()::text::bigint AS now FROM change_base WHERE one
), seen AS (
  SELECT id FROM orders WHERE id = $1::uuid AND status = 'completed' FOR UPDATE
), noted AS (
  -- Two at once: one of them is there first.
  INSERT INTO order_ratings (order_id, stars, text) SELECT id, $2::smallint, $3::text FROM seen
  ON CONFLICT (order_id) DO NOTHING
  RETURNING order_id
), moved AS (
  UPDATE orders o SET
    version = o.version + 1,
    coded_for = CASE WHEN o.coded_for = reason_mark(o.version, o.checks) THEN reason_mark(o.version + 1, o.checks) ELSE o.coded_for END,
    updated_at = now()
  FROM noted n WHERE o.id = n.order_id
  RETURNING o.id, o.tenant_id, o.version, o.status, o.reason, o.reason_code
), looked AS (
  UPDATE second_looks s SET version = m.version FROM moved m WHERE s.order_id = m.id AND s.version = m.version - 1
), listed AS (
  -- It is a change like any other for who lists changes.
  INSERT INTO settled_orders (tenant_id, changed, order_ids) SELECT tenant_id, (SELECT now FROM change), ARRAY[id] FROM moved
)
INSERT INTO events (order_id, version, status, type, at) SELECT id, version, status, $4::text, now() FROM moved
RETURNING version

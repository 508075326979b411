-- Those of the orders of a span of time that took longest from being recorded until they ended, or take so long by now, slowest
-- first. The newest of the span are looked at, so that it costs no more however many there are.
-- $1 from this id on, $2 before this id, $3 recorded at this ms of Unix time or later, $4 before this, or null,
-- $5 tenant, $6 provider, $7 product, $8 statuses, each or null, $9 took so many ms or more, $10 at most so many, $11 most to look at
-- Each row: id or null, how long in ms; then how many were looked at, and when the oldest of them was recorded
WITH looked AS MATERIALIZED (
  SELECT id, status, came_from, tenant_id, provider_id, product, created_at, updated_at, refund_claimed_at FROM orders
  {among}
  LIMIT $11::bigint
), timed AS (
  SELECT l.id, date_part('epoch', CASE
      WHEN l.status IN ('pending', 'sending', 'sent', 'unresolved', 'held') THEN clock_timestamp()
      -- Of these the last change is not the end.
      WHEN l.refund_claimed_at IS NOT NULL OR l.status = 'contested' OR l.came_from = 'contested' THEN coalesce(
        (SELECT min(e.at) FROM events e WHERE e.order_id = l.id AND e.status IN ('completed', 'failed', 'cancelled')),
        l.updated_at)
      ELSE l.updated_at END - l.created_at) * 1000 AS took
  FROM looked l
  WHERE l.created_at >= to_timestamp($3::bigint / 1000.0)
    AND ($4::bigint IS NULL OR l.created_at < to_timestamp($4 / 1000.0))
    AND ($5::bigint IS NULL OR l.tenant_id = $5) AND ($6::bigint IS NULL OR l.provider_id = $6)
    AND ($7::text IS NULL OR l.product = $7) AND ($8::text[] IS NULL OR l.status = ANY ($8))
), found AS (
  SELECT id, took FROM timed WHERE took >= $9::bigint ORDER BY took DESC, id DESC LIMIT $10::bigint
), looks AS (
  SELECT count(*) AS count, (date_part('epoch', min(created_at)) * 1000)::bigint AS oldest FROM looked
)
SELECT f.id, f.took::bigint, looks.count, looks.oldest FROM looks LEFT JOIN found f ON true
ORDER BY f.took DESC, f.id DESC

-- Writes down how an attempt ended. $1 endpoint, $2 position, $3 what the delivery is from now on, $4 status of the answer or
-- null, $5 how long it took in ms, $6 the version that the receiver has applied or null, $7 ms until the next attempt or
-- null, $8 cause or null for success, $9 error or null, $10 the first bytes of the answer or null, $11 what the endpoint is
-- from now on or null, $12 percent of the way to being disabled that were warned of, $13 whether the answer was slow, $14 ms
-- that the receiver asked to be left alone, or null, $15 where it was posted to
WITH posted AS (
  -- What became of a post says nothing of an endpoint that was paused, or leads elsewhere, meanwhile: what is in line stays there.
  SELECT id FROM endpoints WHERE id = $1 AND state = 'active' AND url = $15 FOR UPDATE
), moved AS (
  UPDATE deliveries SET
    -- What a newer version replaced meanwhile is in line no more, and was delivered all the same.
    state = CASE WHEN $3::text = 'delivered' OR state = 'waiting' AND EXISTS (SELECT FROM posted) THEN $3::text ELSE state END,
    attempts = attempts + 1, tried_at = coalesce(tried_at, now()),
    next_at = CASE WHEN EXISTS (SELECT FROM posted) THEN coalesce(now() + $7::bigint * interval '1 millisecond', next_at)
              ELSE next_at END,
    delivered_at = CASE WHEN $3::text = 'delivered' THEN now() ELSE delivered_at END,
    applied_version = coalesce($6::bigint, applied_version), http_status = $4::int, duration_ms = $5::int
  WHERE endpoint_id = $1 AND position = $2
  RETURNING endpoint_id, position
), noted AS (
  INSERT INTO delivery_attempts (endpoint_id, position, cause, error, http_status, duration_ms, answer, next_at)
  SELECT endpoint_id, position, $8::text, $9::text, $4::int, $5::int, $10::bytea,
         now() + $7::bigint * interval '1 millisecond'
  FROM moved WHERE $8::text IS NOT NULL
)
UPDATE endpoints SET
  failing_since = CASE WHEN $8::text IS NOT NULL THEN coalesce(failing_since, now()) END,
  slow_since = CASE WHEN $13::boolean THEN coalesce(slow_since, now()) END,
  warned_percent = $12::int, state = coalesce($11::text, state),
  held_until = greatest(held_until, now() + $14::bigint * interval '1 millisecond')
WHERE id = (SELECT id FROM posted)
  AND ((failing_since IS NOT NULL) <> ($8::text IS NOT NULL) OR (slow_since IS NOT NULL) <> $13::boolean
    OR warned_percent <> $12::int OR $11::text IS NOT NULL
    -- Not once for each of many that are under way.
    OR coalesce(held_until, '-infinity') < now() + ($14::bigint - 1000) * interval '1 millisecond')
RETURNING id

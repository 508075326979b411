-- Writes down what endpoints took, in one statement for what many jobs posted. $1 endpoints, $2 positions, $3 statuses of the
-- answers, $4 how long they took in ms, $5 the versions that the receivers have applied, or null, $6 whether the answers were slow
WITH input AS (
  SELECT *
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[], $5::bigint[], $6::boolean[])
    AS i (endpoint_id, position, http_status, duration_ms, applied_version, is_slow)
  OFFSET 0
), moved AS (
  UPDATE deliveries d SET
    state = 'delivered', attempts = d.attempts + 1, tried_at = coalesce(d.tried_at, now()), delivered_at = now(),
    applied_version = coalesce(i.applied_version, d.applied_version), http_status = i.http_status,
    duration_ms = i.duration_ms
  FROM input i WHERE d.endpoint_id = i.endpoint_id AND d.position = i.position
), ends AS (
  -- Slow is who answers nothing faster.
  SELECT endpoint_id, bool_and(is_slow) AS is_slow FROM input GROUP BY endpoint_id
), changed AS (
  SELECT p.id, e.is_slow
  FROM ends e JOIN endpoints p ON p.id = e.endpoint_id
  WHERE p.state = 'active' AND (p.failing_since IS NOT NULL OR (p.slow_since IS NOT NULL) <> e.is_slow OR p.warned_percent <> 0)
  -- So that two that write of the same endpoints wait for each other, and not each for the other.
  ORDER BY p.id FOR UPDATE OF p
)
UPDATE endpoints p SET
  failing_since = NULL, warned_percent = 0, slow_since = CASE WHEN c.is_slow THEN coalesce(p.slow_since, now()) END
FROM changed c WHERE p.id = c.id AND p.state = 'active'
RETURNING p.id

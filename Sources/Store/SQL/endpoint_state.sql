-- Pauses an endpoint, or lets it go on, whatever it was given up for: what is in line is due then. $1 endpoint, $2 state
WITH due AS (
  UPDATE deliveries SET next_at = now()
  WHERE endpoint_id = $1 AND state = 'waiting' AND next_at > now() AND $2 = 'active'
)
UPDATE endpoints SET state = $2, updated_at = now(),
  failing_since = CASE WHEN $2 = 'active' AND state <> 'active' THEN NULL ELSE failing_since END,
  warned_percent = CASE WHEN $2 = 'active' AND state <> 'active' THEN 0 ELSE warned_percent END
WHERE id = $1
RETURNING id

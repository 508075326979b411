-- Pauses an endpoint, or lets it go on, whatever it was given up for. $1 endpoint, $2 state
UPDATE endpoints SET state = $2, updated_at = now(),
  failing_since = CASE WHEN $2 = 'active' AND state <> 'active' THEN NULL ELSE failing_since END,
  warned_percent = CASE WHEN $2 = 'active' AND state <> 'active' THEN 0 ELSE warned_percent END
WHERE id = $1
RETURNING id

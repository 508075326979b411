-- Pauses an endpoint, or lets it go on, whatever it was given up for: what is in line is due then, and what was tried before a
-- pause begins anew, so that the pause does not count for its being given up. $1 endpoint, $2 state
WITH due AS (
  UPDATE deliveries d SET next_at = least(d.next_at, now()),
    attempts = CASE WHEN p.state = 'active' THEN d.attempts ELSE 0 END,
    tried_at = CASE WHEN p.state = 'active' THEN d.tried_at END
  FROM endpoints p
  WHERE p.id = $1 AND d.endpoint_id = $1 AND d.state = 'waiting' AND $2 = 'active'
    AND (d.next_at > now() OR p.state <> 'active' AND d.tried_at IS NOT NULL)
)
UPDATE endpoints SET state = $2, updated_at = now(),
  failing_since = CASE WHEN $2 = 'active' AND state <> 'active' THEN NULL ELSE failing_since END,
  warned_percent = CASE WHEN $2 = 'active' AND state <> 'active' THEN 0 ELSE warned_percent END,
  held_until = CASE WHEN $2 = 'active' THEN NULL ELSE held_until END
WHERE id = $1
RETURNING id

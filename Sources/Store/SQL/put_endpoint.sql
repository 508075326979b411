-- Makes an endpoint, or changes it to what is given. One that was given up begins anew when it leads elsewhere.
-- $1 tenant, $2 name, $3 url, $4 types, $5 rate or null, $6 latest only, $7 key to seal to or null, $8 a sealed secret,
-- $9 whether an endpoint that is there gets that secret, $10 ms that the one it has signs as well then. Returns its number and
-- whether it is new
-- What waits for another try was held off for the receiver of before.
WITH due AS (
  UPDATE deliveries d SET next_at = least(d.next_at, now()), attempts = 0, tried_at = NULL FROM endpoints p
  WHERE p.tenant_id = $1 AND p.name = $2 AND p.url <> $3 AND d.endpoint_id = p.id AND d.state = 'waiting'
    AND (d.next_at > now() OR d.tried_at IS NOT NULL)
)
INSERT INTO endpoints AS p (tenant_id, name, url, types, rate_per_second, latest_only, sealed_to, secret)
VALUES ($1, $2, $3, $4::text[], $5::int, $6, $7, $8)
ON CONFLICT (tenant_id, name) DO UPDATE SET
  state = CASE WHEN p.url <> excluded.url AND p.state IN ('disabled', 'gone') THEN 'active' ELSE p.state END,
  failing_since = CASE WHEN p.url = excluded.url THEN p.failing_since END,
  slow_since = CASE WHEN p.url = excluded.url THEN p.slow_since END,
  warned_percent = CASE WHEN p.url = excluded.url THEN p.warned_percent ELSE 0 END,
  held_until = CASE WHEN p.url = excluded.url THEN p.held_until END,
  url = excluded.url, types = excluded.types, rate_per_second = excluded.rate_per_second,
  latest_only = excluded.latest_only, sealed_to = excluded.sealed_to,
  previous_secret = CASE WHEN $9::boolean THEN p.secret ELSE p.previous_secret END,
  previous_until = CASE WHEN $9::boolean THEN now() + $10::bigint * interval '1 millisecond' ELSE p.previous_until END,
  secret = CASE WHEN $9::boolean THEN excluded.secret ELSE p.secret END, updated_at = now()
RETURNING id, xmax = 0

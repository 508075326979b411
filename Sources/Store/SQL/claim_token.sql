-- A provider's token, or the lease to ask for one.
-- $1 provider, $2 login, $3 number of the token that is refused, $4 holder, $5 lease in milliseconds.
-- One row: token|renew|wait|failed, and of a token what it is, its number and the milliseconds until it ends.
WITH wanted AS (
  SELECT $1::bigint AS provider_id, $2::bytea AS login, $3::bigint AS refused, $4::text AS holder,
    now() + $5::bigint * interval '1 millisecond' AS held_until
), lease AS (
  INSERT INTO provider_tokens AS t (provider_id, login, holder, held_until)
  SELECT provider_id, login, holder, held_until FROM wanted
  ON CONFLICT (provider_id, login) DO UPDATE SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until, changed_at = now()
  WHERE (t.sealed IS NULL OR t.renew_at <= now() OR t.number = (SELECT refused FROM wanted))
    AND (t.held_until IS NULL OR t.held_until <= now()) AND (t.failed_until IS NULL OR t.failed_until <= now())
  RETURNING 1
)
SELECT 'renew'::text AS what, NULL::bytea AS sealed, 0::bigint AS number, 0::bigint AS ends_in FROM lease
UNION ALL
SELECT CASE
    WHEN t.sealed IS NOT NULL AND t.ends_at > now() AND t.number IS DISTINCT FROM w.refused THEN 'token'
    WHEN t.failed_until > now() THEN 'failed'
    ELSE 'wait'
  END, t.sealed, t.number, coalesce(extract(epoch FROM t.ends_at - now()) * 1000, 0)::bigint
FROM wanted w JOIN provider_tokens t USING (provider_id, login) WHERE NOT EXISTS (SELECT FROM lease)

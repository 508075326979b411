-- Notes how a provider does, and tells those whose products go there what has stayed so long enough, once. $1 provider,
-- $2 topic, $3 whether it is bad, $4 ms that it has to stay so before anybody is told, $5 subject, $6 type and $7 data of the
-- event. Returns how many events were written, or no row
WITH noted AS (
  INSERT INTO provider_troubles AS t (provider_id, topic, is_bad) VALUES ($1, $2, $3)
  ON CONFLICT (provider_id, topic) DO UPDATE SET
    is_bad = excluded.is_bad,
    since = CASE WHEN t.is_bad = excluded.is_bad THEN t.since ELSE now() END,
    is_told = CASE WHEN t.is_bad = excluded.is_bad THEN t.is_bad ELSE t.is_told END
  WHERE t.is_bad <> excluded.is_bad
    OR t.is_told <> t.is_bad AND t.since <= now() - $4::bigint * interval '1 millisecond'
  -- What changed just now was told by nobody.
  RETURNING CASE WHEN is_told = is_bad AND since < now() THEN (extract(epoch FROM since) * 1000)::bigint END AS since
)
SELECT add_notice(ARRAY(SELECT DISTINCT tenant_id FROM routes WHERE provider_id = $1), $5,
                  $2 || '/' || $1 || '/' || since, $6, $7)
FROM noted WHERE since IS NOT NULL

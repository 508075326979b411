-- Notes how a provider does. $1 provider, $2 topic, $3 whether it is bad, $4 ms that it has to stay so before anybody is told.
-- Returns since when in ms, where shops are to be told now
INSERT INTO provider_troubles AS t (provider_id, topic, is_bad) VALUES ($1, $2, $3)
ON CONFLICT (provider_id, topic) DO UPDATE SET
  is_bad = excluded.is_bad,
  since = CASE WHEN t.is_bad = excluded.is_bad THEN t.since ELSE now() END,
  is_told = CASE WHEN t.is_bad = excluded.is_bad THEN t.is_bad ELSE t.is_told END
WHERE t.is_bad <> excluded.is_bad
  OR t.is_told <> t.is_bad AND t.since <= now() - $4::bigint * interval '1 millisecond'
-- What changed just now was told by nobody.
RETURNING CASE WHEN is_told = is_bad AND since < now() THEN (extract(epoch FROM since) * 1000)::bigint END

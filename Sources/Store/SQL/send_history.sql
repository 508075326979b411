-- What became of the sends to a provider, by how many steps ago they were begun. Among the newest attempts at most, of
-- orders that were posted from a time on, by the primary key.
-- $1 first id to look at, $2 provider, $3 steps, $4 ms of a step, $5 most attempts to look at
SELECT floor(extract(epoch FROM now() - a.begun_at) * 1000 / $4::bigint)::int AS ago, a.state, count(*)
FROM (
  SELECT begun_at, state, provider_id FROM attempts WHERE order_id >= $1::uuid ORDER BY order_id DESC LIMIT $5::bigint
) AS a
WHERE a.provider_id = $2 AND a.begun_at > now() - ($3::int * $4::bigint) * interval '1 millisecond' AND a.begun_at <= now()
GROUP BY 1, 2

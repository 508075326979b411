-- What the story of some orders says of their time: each status that they reached, each send with what it waited for, and
-- each question about it. $1 ids. Each row: the order, 0 for a status, 1 for a send, 2 for a question; ms of Unix time; the
-- status, what was waited for, or how many ms the question took; the provider, of a question the number of the send
SELECT order_id, what, at, said, provider FROM (
  SELECT e.order_id, 0 AS what, e.version AS number, (date_part('epoch', e.at) * 1000)::bigint AS at, e.status AS said,
         NULL::bigint AS provider
  FROM events e WHERE e.order_id = ANY ($1::uuid[])
  UNION ALL
  SELECT a.order_id, 1, a.number, (date_part('epoch', a.begun_at) * 1000)::bigint, a.waits, a.provider_id
  FROM attempts a WHERE a.order_id = ANY ($1::uuid[])
  UNION ALL
  SELECT x.order_id, 2, x.id, (date_part('epoch', x.at) * 1000)::bigint, x.duration_ms::text, x.attempt
  FROM exchanges x WHERE x.order_id = ANY ($1::uuid[]) AND x.kind = 'query'
) AS story
ORDER BY order_id, what, number

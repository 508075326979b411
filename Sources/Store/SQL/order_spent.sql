-- What the story of some orders says of their time: each status that they reached, and each send with what it waited for.
-- $1 ids. Each row: the order, 0 for a status or 1 for a send, ms of Unix time, the status or what was waited for, the provider
SELECT order_id, what, at, said, provider FROM (
  SELECT e.order_id, 0 AS what, e.version AS number, (date_part('epoch', e.at) * 1000)::bigint AS at, e.status AS said,
         NULL::bigint AS provider
  FROM events e WHERE e.order_id = ANY ($1::uuid[])
  UNION ALL
  SELECT a.order_id, 1, a.number, (date_part('epoch', a.begun_at) * 1000)::bigint, a.waits, a.provider_id
  FROM attempts a WHERE a.order_id = ANY ($1::uuid[])
) AS story
ORDER BY order_id, what, number

-- Sends of a time that the provider has, or may have, and a statement lacks. Orders that failed may be left out by a provider that
-- lists what it delivered. $1 statement, $2 provider, $3 and $4 order and send of the last one of the page before, $5 the first
-- order that is too new, $6 and $7 ms of Unix time, $8 how many
SELECT a.order_id::text, a.number::bigint, a.reference, a.state, a.cost, (extract(epoch FROM a.begun_at) * 1000)::bigint,
  o.status, a.number = o.attempt, o.reference
FROM attempts a JOIN orders o ON o.id = a.order_id
WHERE a.provider_id = $2::bigint AND (a.order_id, a.number) > ($3::uuid, $4::int) AND a.order_id < $5::uuid
  AND a.begun_at >= to_timestamp($6::bigint / 1000.0) AND a.begun_at < to_timestamp($7::bigint / 1000.0)
  AND a.state IN ('accepted', 'unknown', 'sending') AND NOT a.is_made_up AND o.status NOT IN ('failed', 'cancelled')
  AND NOT EXISTS (SELECT FROM statement_lines l WHERE l.statement_id = $1::bigint AND l.reference = a.reference)
ORDER BY a.order_id, a.number LIMIT $8

-- Lines of a statement beside the sends that they are about, by reference. $1 statement, $2 provider, $3 and $4 reference and line
-- of the last one of the page before, $5 how many
SELECT l.reference, l.line::bigint, l.amount, l.status, l.meaning, (extract(epoch FROM l.at) * 1000)::bigint,
  l.provider_order_id, l.is_damaged,
  a.order_id::text, a.number::bigint, a.state, a.cost, a.pin_required, a.number = o.attempt, o.status, o.reason_code,
  (date_part('epoch', clock_timestamp() - a.begun_at) * 1000)::bigint,
  coalesce(o.witness = 'completed' AND o.witness_version = o.version, false),
  (SELECT count(*) FROM attempts b JOIN statement_lines m ON m.statement_id = l.statement_id AND m.reference = b.reference
   WHERE b.order_id = a.order_id), o.reference
FROM (
  SELECT * FROM statement_lines
  WHERE statement_id = $1::bigint AND (reference, line) > ($3::text, $4::int)
  ORDER BY reference, line LIMIT $5) AS l
LEFT JOIN attempts a ON a.reference = l.reference AND a.provider_id = $2::bigint
LEFT JOIN orders o ON o.id = a.order_id
ORDER BY l.reference, l.line

-- The statement of a desk: what was handed over in a time and is there, by its own books. $1 statement, $2 provider, $3 and $4 ms of
-- Unix time
INSERT INTO statement_lines (statement_id, line, reference, amount, status, meaning, at)
SELECT $1::bigint, row_number() OVER (ORDER BY a.reference), a.reference, o.cost, f.stage,
  CASE WHEN o.status = 'completed' THEN 'delivered' ELSE 'waiting' END, a.begun_at
FROM attempts a
JOIN fulfilments f ON f.order_id = a.order_id AND f.attempt = a.number
JOIN orders o ON o.id = a.order_id AND o.attempt = a.number
WHERE a.provider_id = $2::bigint AND o.status NOT IN ('failed', 'cancelled') AND o.status <> 'pending'
  AND a.begun_at >= to_timestamp($3::bigint / 1000.0) AND a.begun_at < to_timestamp($4::bigint / 1000.0)

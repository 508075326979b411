-- The statement of a stock: what was given out in a time, by its own books. $1 statement, $2 provider, $3 and $4 ms of Unix time
INSERT INTO statement_lines (statement_id, line, reference, amount, status, meaning, at)
SELECT $1::bigint, row_number() OVER (ORDER BY reference), reference, CASE WHEN count(cost) = count(*) THEN sum(cost) END,
  'delivered', 'delivered', max(begun_at)
FROM (
  SELECT c.reference, c.cost, a.begun_at FROM stock_codes c JOIN attempts a ON a.reference = c.reference AND a.provider_id = c.provider_id
  JOIN orders o ON o.id = c.order_id
  WHERE c.provider_id = $2::bigint AND c.reference IS NOT NULL AND o.status NOT IN ('failed', 'cancelled')
    AND a.begun_at >= to_timestamp($3::bigint / 1000.0) AND a.begun_at < to_timestamp($4::bigint / 1000.0)) AS c
GROUP BY reference

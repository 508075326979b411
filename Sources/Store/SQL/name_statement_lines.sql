-- Gives lines that name the provider's order only our reference, where exactly one send has that name. $1 statement, $2 provider
UPDATE statement_lines l SET reference = a.reference
FROM statement_lines n CROSS JOIN LATERAL (
  SELECT min(b.reference) AS reference, count(*) AS sends FROM attempts b
  WHERE b.provider_id = $2::bigint AND b.provider_order_id = n.provider_order_id) AS a
WHERE n.statement_id = $1::bigint AND n.reference = '' AND n.provider_order_id IS NOT NULL AND a.sends = 1
  AND l.ctid = n.ctid

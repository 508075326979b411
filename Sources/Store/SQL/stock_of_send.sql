-- The codes that were set aside for a send whose order still wants them, or got them. $1 reference, $2 provider
SELECT true, o.quantity, c.code, c.print, c.serial, c.cost
FROM attempts a JOIN stock_codes c ON c.order_id = a.order_id JOIN orders o ON o.id = a.order_id
WHERE a.reference = $1::text AND a.provider_id = $2::bigint
  AND c.provider_id = a.provider_id AND c.reference = a.reference
  -- One that ended otherwise has none, whatever a person did not put back yet.
  AND o.status IN ('sending', 'sent', 'unresolved', 'held', 'completed', 'contested')
ORDER BY c.place

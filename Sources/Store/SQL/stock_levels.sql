-- What each product of the stocks has. $1 provider or null. Codes that their orders got a moment ago count as given.
SELECT r.name, p.product, p.low::bigint, f.free, f.expired, h.reserved, p.given + h.given, p.written_off,
  to_char(f.next AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), f.worth, p.provider_id
FROM stock_products p JOIN providers r ON r.id = p.provider_id
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE c.expires_at IS NULL OR c.expires_at > now()) AS free,
    count(*) FILTER (WHERE c.expires_at <= now()) AS expired,
    min(c.expires_at) FILTER (WHERE c.expires_at > now()) AS next,
    sum(c.cost) FILTER (WHERE c.expires_at IS NULL OR c.expires_at > now()) AS worth
  FROM stock_codes c WHERE c.provider_id = p.provider_id AND c.product = p.product AND c.state = 'free') AS f
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE NOT got) AS reserved, count(*) FILTER (WHERE got) AS given FROM (
    SELECT o.status = 'completed' AND o.provider_reference = c.reference AS got
    FROM stock_codes c JOIN orders o ON o.id = c.order_id
    WHERE c.state = 'reserved' AND c.provider_id = p.provider_id AND c.product = p.product) AS c) AS h
WHERE $1::bigint IS NULL OR p.provider_id = $1::bigint
ORDER BY r.name, p.product

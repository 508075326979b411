-- What a provider's catalogue asks for a product of a tenant: of several rows that fit, the dearest, since it says whether
-- the balance is enough. $1 tenant, $2 product, $3 provider
SELECT c.cost, (extract(epoch FROM now() - c.seen_at) * 1000)::bigint
FROM routes r JOIN catalog c ON c.provider_id = r.provider_id AND r.parameters @> c.parameters
WHERE r.tenant_id = $1 AND r.product = $2 AND r.provider_id = $3 AND c.cost IS NOT NULL
ORDER BY c.cost DESC LIMIT 1

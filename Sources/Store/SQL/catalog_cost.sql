-- What the catalogue of a route's provider asks for a product: of several rows that fit, the dearest, since a figure is
-- wanted for how much is at stake. $1 tenant, $2 product
SELECT c.cost
FROM routes r JOIN catalog c ON c.provider_id = r.provider_id AND r.parameters @> c.parameters
WHERE r.tenant_id = $1 AND r.product = $2 AND c.cost IS NOT NULL
ORDER BY r.position, c.cost DESC LIMIT 1

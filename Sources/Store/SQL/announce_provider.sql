-- Puts an event about a provider in line for the endpoints of the tenants whose products go there. $1 provider, $2 event's id,
-- $3 type, $4 body, in which {tenant} stands for the tenant's name. Returns endpoints, and the ids by which it is in line
INSERT INTO deliveries (endpoint_id, position, event_id, type, order_id, order_version, body, state)
SELECT p.id, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - 9000000000000000, $2, $3, gen_random_uuid(), 1,
       replace($4, '{tenant}', t.name), 'waiting'
FROM endpoints p JOIN tenants t ON t.id = p.tenant_id
WHERE p.state IN ('active', 'paused') AND p.types && ARRAY['*', $3]
  AND EXISTS (SELECT FROM routes r WHERE r.tenant_id = p.tenant_id AND r.provider_id = $1)
ON CONFLICT DO NOTHING
RETURNING endpoint_id, order_id

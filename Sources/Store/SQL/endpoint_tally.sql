-- Endpoints for metrics: how much is in line, counted no further than 10000, and since when the oldest is due, in ms. No parameters
SELECT t.name, p.name, p.state, (extract(epoch FROM now() - p.failing_since) * 1000)::bigint,
       (extract(epoch FROM now() - p.slow_since) * 1000)::bigint,
       (SELECT count(*) FROM (SELECT FROM deliveries WHERE endpoint_id = p.id AND state = 'waiting' LIMIT 10000) AS d)
FROM endpoints p JOIN tenants t ON t.id = p.tenant_id

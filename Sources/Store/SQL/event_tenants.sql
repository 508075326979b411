-- The tenants that have an endpoint. No parameters
SELECT DISTINCT t.name FROM endpoints p JOIN tenants t ON t.id = p.tenant_id

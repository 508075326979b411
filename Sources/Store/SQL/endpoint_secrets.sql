-- The secrets of all endpoints, sealed. No parameters
SELECT p.tenant_id, t.name, p.name, p.secret FROM endpoints p JOIN tenants t ON t.id = p.tenant_id ORDER BY t.name, p.name

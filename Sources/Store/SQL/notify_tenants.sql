-- The tenants of whose orders somebody is told. No parameters
SELECT DISTINCT t.name FROM notify_targets p JOIN tenants t ON t.id = p.tenant_id

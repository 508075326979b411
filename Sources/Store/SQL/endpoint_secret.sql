-- The secret of an endpoint, sealed. $1 tenant, $2 name
SELECT secret FROM endpoints WHERE tenant_id = $1 AND name = $2

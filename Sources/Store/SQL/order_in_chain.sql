-- One of the orders that belongs to the tenant. $1 ids, $2 tenant
SELECT id FROM orders WHERE id = ANY ($1::uuid[]) AND tenant_id = $2 LIMIT 1

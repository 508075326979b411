-- The orders that hold these idempotency keys. $1 tenant, $2 key
SELECT o.tenant_id, o.idempotency_key, o.id, o.request_hash
FROM unnest($1::bigint[], $2::text[]) AS i (tenant_id, key)
JOIN orders o ON o.tenant_id = i.tenant_id AND o.idempotency_key = i.key

-- A page of one tenant's orders, newest first, among those that an index leads to: by the key, the shop's reference or the
-- player. $1 tenant, $2 statuses, $3 before this id or null, $4 at most so many, $5 recorded at this ms of Unix time or
-- later, $6 before this, $7 reference, $8 idempotency key, $9 player; each or null
SELECT id FROM (
  SELECT id, tenant_id, status, created_at, reference, idempotency_key, coalesce(player, fields ->> 'player_id') AS whom
  FROM orders WHERE {among}
  -- A fence: else the newest orders of all might be looked through for the few of this one.
  OFFSET 0) AS o
WHERE tenant_id = $1 AND status = ANY ($2::text[])
  AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  AND ($5::bigint IS NULL OR created_at >= to_timestamp($5 / 1000.0))
  AND ($6::bigint IS NULL OR created_at < to_timestamp($6 / 1000.0))
  AND ($7::text IS NULL OR reference = $7) AND ($8::text IS NULL OR idempotency_key = $8)
  AND ($9::text IS NULL OR whom = $9)
ORDER BY id DESC LIMIT $4

-- For search_orders: those of one player, by the index on it. $12 player
SELECT o.* FROM (
  SELECT id, status, tenant_id, provider_id, product, created_at FROM orders
  WHERE coalesce(player, fields ->> 'player_id') = $12::text
  -- A fence: else the newest orders of all might be looked through for the few of this one.
  OFFSET 0) AS o
WHERE id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')

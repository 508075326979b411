-- A send to the sandbox: whom it is for, which send of its order it is, its age in ms, whether an answer said that it is
-- delivered. $1 reference
SELECT coalesce(o.player, o.fields ->> 'player_id'), a.number,
       (date_part('epoch', clock_timestamp() - a.begun_at) * 1000)::bigint,
       coalesce(o.witness = 'completed' AND o.witness_version = o.version, false)
FROM attempts a
JOIN orders o ON o.id = a.order_id
WHERE a.reference = $1
  -- A real order has no business here, whatever led it here.
  AND (SELECT sandbox_of IS NOT NULL FROM tenants WHERE id = o.tenant_id)
  AND (SELECT adapter = 'sandbox' FROM providers WHERE id = a.provider_id)

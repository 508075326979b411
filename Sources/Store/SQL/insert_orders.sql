-- Records new orders and their first event, and answers with them. Rows whose idempotency key is taken are left out of the answer: they, or
-- a twin in this very statement, are already there and are read by find_by_key. After keep_lists.sql.
-- $1 id, $2 tenant, $3 product, $4 fields, $5 reference, $6 priority, $7 quantity, $8 key, $9 request hash, $10 trace,
-- $11 whom it is for, where its fields' player_id does not say so, $12 metadata or null, $13 whose orders it was passed on from, or null
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                       $8::text[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::text[])
    AS i (id, tenant_id, product, fields, reference, priority, quantity, key, hash, trace, player, metadata, chain)
), added AS (
  INSERT INTO orders AS o (id, status, tenant_id, product, fields, reference, priority, quantity, idempotency_key,
                           request_hash, trace, player, metadata, chain, due_at, coded_for)
  SELECT id, 'pending', tenant_id, product, fields::jsonb, reference, priority, quantity, key, hash, trace, player, metadata, chain, now(),
         (1::bigint << 32)
  FROM input
  -- In the same order everywhere: two statements that hold each other's keys would otherwise deadlock.
  ORDER BY tenant_id, key
  ON CONFLICT (tenant_id, idempotency_key) DO NOTHING
  RETURNING o.created_at,
{columns}
       o.reason_code AS reason_code, o.player AS player
), listed AS (
  INSERT INTO unsettled_orders (order_id, tenant_id, status, changed, created_at)
  SELECT id, tenant_id, 'pending', (SELECT base FROM change_base WHERE one) + pg_current_xact_id()::text::bigint, created_at
  FROM added
), event AS (
  INSERT INTO events (order_id, version, status, type, position, published_at)
  SELECT id, 1, 'pending', 'sevk.order.created', 0, 'infinity' FROM added
)
SELECT {answer} FROM added

-- One tenant's orders whose ids are of a span of time: how many, and the SHA-256 over a line each, "ID VERSION STATUS" and
-- a line feed, in the order of their ids. $1 tenant, $2 from this id on, $3 before this id
SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(line, ''), ''), 'UTF8')), 'hex')
FROM (
  SELECT id || ' ' || version || ' ' || status || E'\n' AS line FROM orders
  -- As a pair, so that only the tenant's own index will do: see list_orders.
  WHERE (tenant_id, id) >= ($1::bigint, $2::uuid) AND (tenant_id, id) < ($1::bigint, $3::uuid)
  ORDER BY tenant_id, id) AS o

-- Puts events in line for the endpoints of their tenants that want them; what is there already stays as it is.
-- $1 positions, $2 tenants' names, $3 events' ids, $4 types, $5 orders, $6 orders' versions, $7 bodies. Returns each
-- endpoint and order that has something in line by it, and whether that took the place of what was there
WITH e AS MATERIALIZED (
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], $7::text[])
    AS e (position, tenant, event_id, type, order_id, version, body)
), wanted AS MATERIALIZED (
  SELECT p.id, p.state, p.latest_only, e.*
  FROM e JOIN tenants t ON t.name = e.tenant JOIN endpoints p ON p.tenant_id = t.id
  -- Every type is of orders: what is for operators is named, as no shop should hear of it by chance.
  WHERE e.type = ANY (p.types) OR '*' = ANY (p.types) AND e.type LIKE 'sevk.order.%'
), added AS (
  INSERT INTO deliveries (endpoint_id, position, event_id, type, order_id, order_version, body, state)
  SELECT id, position, event_id, type, order_id, version, body,
         CASE WHEN state IN ('disabled', 'gone') THEN 'kept'
           WHEN latest_only AND position < max(position) OVER (PARTITION BY id, order_id) THEN 'dropped'
           ELSE 'waiting' END
  FROM wanted
  ON CONFLICT DO NOTHING
  RETURNING endpoint_id, order_id, position, state
), newest AS (
  SELECT endpoint_id, order_id, max(position) AS position,
         (SELECT latest_only FROM endpoints WHERE id = endpoint_id) AS latest_only
  FROM added WHERE state = 'waiting' GROUP BY 1, 2
), replaced AS (
  UPDATE deliveries d SET state = 'dropped' FROM newest n
  WHERE n.latest_only AND d.endpoint_id = n.endpoint_id AND d.order_id = n.order_id AND d.state = 'waiting'
    AND d.position < n.position
)
SELECT endpoint_id, order_id, latest_only FROM newest

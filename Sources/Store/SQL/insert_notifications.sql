-- Puts events in line for those who are to be told of them; what is there already stays as it is. $1 tenants' names, $2 types,
-- $3 orders, $4 orders' versions, $5 when they happened. Returns each target and order that has something in line by it, the target's
-- channel, and whether something was in line before, whose job may wait
WITH e AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::text[]) AS e (tenant, type, order_id, version, at)
), added AS (
  INSERT INTO notifications (target_id, order_id, order_version, type, happened_at)
  SELECT p.id, e.order_id, e.version, e.type, e.at::timestamptz
  FROM e JOIN tenants t ON t.name = e.tenant JOIN notify_targets p ON p.tenant_id = t.id AND e.type = ANY (p.types)
  -- What happened before anybody wanted to hear of it is no news.
  WHERE e.at::timestamptz >= p.created_at
  ON CONFLICT DO NOTHING
  RETURNING target_id, order_id
)
SELECT DISTINCT a.target_id, a.order_id, p.channel_id,
       EXISTS (SELECT FROM notifications n WHERE n.target_id = a.target_id AND n.order_id = a.order_id AND n.state = 'waiting')
FROM added a JOIN notify_targets p ON p.id = a.target_id

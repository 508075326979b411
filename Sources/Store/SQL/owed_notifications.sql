-- A page of the targets and orders that something is in line for, with their channels. $1 and $2 after this target and order, $3 at most so many
SELECT n.target_id, n.order_id, p.channel_id, (extract(epoch FROM greatest(n.next_at, c.held_until) - now()) * 1000)::bigint
FROM (
  SELECT DISTINCT ON (target_id, order_id) target_id, order_id, next_at FROM notifications
  WHERE state = 'waiting' AND (target_id, order_id) > ($1::bigint, $2::uuid)
  ORDER BY target_id, order_id, order_version LIMIT $3
) AS n
JOIN notify_targets p ON p.id = n.target_id JOIN channels c ON c.id = p.channel_id
ORDER BY n.target_id, n.order_id

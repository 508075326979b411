-- What people were told, the newest first. $1 order or null, $2 state or null, $3 tenant's name or null, $4 notification or null, $5 at most so many
SELECT n.id, t.name, p.audience, c.name, c.adapter, n.order_id, n.order_version, n.kind, n.type, n.state, n.why, n.attempts, n.doubts,
       to_char(n.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(n.sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       CASE WHEN n.state = 'waiting' THEN to_char(n.next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
       n.address, n.message_id
FROM notifications n
JOIN notify_targets p ON p.id = n.target_id JOIN channels c ON c.id = p.channel_id JOIN tenants t ON t.id = p.tenant_id
WHERE ($1::uuid IS NULL OR n.order_id = $1) AND ($2::text IS NULL OR n.state = $2) AND ($3::text IS NULL OR t.name = $3)
  AND ($4::bigint IS NULL OR n.id = $4)
ORDER BY n.id DESC LIMIT $5

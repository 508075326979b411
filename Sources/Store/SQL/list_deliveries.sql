-- What an endpoint is told. $1 endpoint, $2 the one state or null, $3 behind this position, $4 at most so many
SELECT d.endpoint_id, d.position, d.event_id, d.type, d.order_id, d.order_version, d.state, d.attempts,
       CASE WHEN d.state = 'waiting' THEN to_char(d.next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
       to_char(d.delivered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), d.applied_version, d.http_status,
       d.duration_ms, (SELECT p.name FROM endpoints p WHERE p.id = d.endpoint_id)
FROM deliveries d
WHERE d.endpoint_id = $1 AND ($2::text IS NULL OR d.state = $2::text) AND d.position > $3
ORDER BY d.position LIMIT $4

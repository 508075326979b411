-- What endpoints are told of an order, as list_deliveries.sql has it. $1 order
SELECT d.endpoint_id, d.position, d.event_id, d.type, d.order_id, d.order_version, d.state, d.attempts,
       CASE WHEN d.state = 'waiting' THEN to_char(d.next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
       to_char(d.delivered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), d.applied_version, d.http_status,
       d.duration_ms, (SELECT p.name FROM endpoints p WHERE p.id = d.endpoint_id)
FROM deliveries d WHERE d.order_id = $1 ORDER BY d.endpoint_id, d.position

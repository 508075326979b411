-- The failed attempts of deliveries, oldest first. $1 endpoint, $2 from this position on, $3 up to this
SELECT position, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), cause, error, http_status, duration_ms,
       answer, to_char(next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
FROM delivery_attempts WHERE endpoint_id = $1 AND position BETWEEN $2 AND $3 ORDER BY position, at LIMIT 5000

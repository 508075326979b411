-- Tells a tenant of one of its endpoints, once for each percentage in a time of nothing but failures. $1 endpoint, $2 subject,
-- $3 percent of the way to being given up, $4 type, $5 data, $6 where it was posted to. Returns how many events were written
SELECT add_notice(ARRAY[tenant_id], $2, 'endpoint/' || id || '/' || $3::int || '/'
                  || coalesce((extract(epoch FROM failing_since) * 1000)::bigint, 0), $4, $5)
FROM endpoints WHERE id = $1 AND url = $6 AND state <> 'paused'

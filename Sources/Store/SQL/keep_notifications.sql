-- Takes what is in line for a target about an order out of it. $1 target, $2 order, $3 why
UPDATE notifications SET state = CASE WHEN doubts > 0 OR begun_at IS NOT NULL THEN 'unknown' ELSE 'failed' END, why = $3
WHERE target_id = $1 AND order_id = $2 AND state = 'waiting'

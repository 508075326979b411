-- What people did to one order, oldest first. $1 id
SELECT what, from_status, to_status, who, note, version,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       (extract(epoch FROM at) * 1000)::bigint
FROM audits WHERE order_id = $1 ORDER BY id

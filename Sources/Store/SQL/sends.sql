-- Every send of one order, oldest first. $1 id
SELECT a.number, p.name, a.reference, a.state, a.cost,
       to_char(a.begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
FROM attempts a JOIN providers p ON p.id = a.provider_id
WHERE a.order_id = $1 ORDER BY a.number

-- What an order's page tells of its past, oldest first: statuses, when its PIN was shown, that it was rated. $1 id
SELECT what, status, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM (
  SELECT CASE WHEN e.type = 'sevk.order.rated' THEN 'rated' ELSE 'status' END AS what, e.status, e.at, e.version AS place
  FROM events e WHERE e.order_id = $1::uuid
  UNION ALL
  SELECT 'pin_shown', NULL, r.at, r.version FROM page_reveals r WHERE r.order_id = $1::uuid
) AS story
ORDER BY at, place

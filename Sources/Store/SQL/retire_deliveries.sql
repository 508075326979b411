-- Drops what an endpoint was told long ago, and what became of it; what is in line stays. $1 endpoint, $2 behind this position,
-- $3 age in ms, $4 rows in a page. Returns how many were dropped, the page's last position, and whether there may be more
WITH page AS MATERIALIZED (
  SELECT position, created_at FROM deliveries WHERE endpoint_id = $1 AND position > $2 ORDER BY position LIMIT $4
), dropped AS (
  DELETE FROM deliveries d USING page p
  WHERE d.endpoint_id = $1 AND d.position = p.position AND d.state <> 'waiting'
    AND d.created_at < now() - $3::bigint * interval '1 millisecond'
  RETURNING d.position
)
SELECT (SELECT count(*) FROM dropped), (SELECT max(position) FROM page),
       (SELECT count(*) = $4 AND max(created_at) < now() - $3::bigint * interval '1 millisecond' FROM page)

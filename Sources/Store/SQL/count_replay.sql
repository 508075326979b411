-- How many replay_deliveries.sql would put in line. $1 to $5 as there
SELECT count(*), max(position) FROM (
  SELECT position FROM deliveries
  WHERE endpoint_id = $1 AND position > $2 AND position <= $3 AND ($4::boolean OR state IN ('waiting', 'kept'))
  ORDER BY position LIMIT $5) AS chosen

-- Takes what is in line for an endpoint that was given up out of it; it is kept and can be replayed. $1 endpoint
UPDATE deliveries SET state = 'kept'
WHERE endpoint_id = $1 AND state = 'waiting'
  AND EXISTS (SELECT FROM endpoints WHERE id = $1 AND state IN ('disabled', 'gone'))
RETURNING position

-- How many sends of an order ended with their process: begun, and neither an answer nor a failure was noted. $1 id
SELECT count(*) FROM attempts a
WHERE a.order_id = $1::uuid AND a.state IN ('unknown', 'not_received')
  AND NOT EXISTS (
    SELECT 1 FROM exchanges e WHERE e.order_id = a.order_id AND e.attempt = a.number AND e.kind = 'send')

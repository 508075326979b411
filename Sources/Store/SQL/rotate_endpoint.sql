-- Gives an endpoint another secret; the one it has signs as well for a while. $1 endpoint, $2 sealed secret, $3 ms
UPDATE endpoints SET previous_secret = secret, previous_until = now() + $3::bigint * interval '1 millisecond', secret = $2,
  updated_at = now()
WHERE id = $1
RETURNING id

-- Writes down what came of an attempt. $1 notification, $2 what it is from now on, $3 why, $4 ms until the next attempt, $5 the service's
-- name for it, $6 whether it may have arrived, $7 attempts, the one that ended included
UPDATE notifications SET
  state = $2, why = $3, next_at = coalesce(now() + $4::bigint * interval '1 millisecond', next_at),
  sent_at = CASE WHEN $2 = 'sent' THEN now() END, message_id = coalesce($5, message_id),
  doubts = doubts + $6::boolean::int, begun_at = CASE WHEN $6::boolean THEN begun_at END
WHERE id = $1 AND state = 'waiting' AND attempts = $7
RETURNING id

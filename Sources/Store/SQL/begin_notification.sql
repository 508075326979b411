-- Notes that an attempt begins: from now on it may arrive. $1 notification, $2 attempts so far, $3 where it goes. No row: another process
-- has it, or it is in line no more
UPDATE notifications SET attempts = attempts + 1, begun_at = now(), address = $3
WHERE id = $1 AND state = 'waiting' AND attempts = $2 RETURNING id

-- Those of these orders that somebody holds locked now. Waits for none of them. $1 ids
WITH free AS (SELECT id FROM orders WHERE id = ANY ($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED)
SELECT id FROM orders WHERE id = ANY ($1::uuid[]) EXCEPT SELECT id FROM free

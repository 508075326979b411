-- The orders of all tenants that were posted last, newest first. $1 at most so many
SELECT id FROM orders ORDER BY id DESC LIMIT $1

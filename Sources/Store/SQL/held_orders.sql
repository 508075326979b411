-- Orders that wait for a person, the one that was posted first at the top. $1 at most so many
SELECT id FROM orders WHERE status = 'held' ORDER BY id LIMIT $1

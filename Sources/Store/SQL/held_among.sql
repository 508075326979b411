-- Which of these orders wait for a person. $1 ids
SELECT id FROM orders WHERE id = ANY ($1::uuid[]) AND status = 'held'

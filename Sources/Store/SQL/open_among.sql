-- Which of these orders are open. $1 ids
SELECT id FROM orders
WHERE id = ANY ($1::uuid[]) AND status IN ('pending', 'sending', 'sent', 'unresolved')

-- Which of these orders are open. $1 ids
SELECT order_id FROM unsettled_orders
WHERE order_id = ANY ($1::uuid[]) AND status IN ('pending', 'sending', 'sent', 'unresolved')

-- Which of these orders wait for a person. $1 ids
SELECT order_id FROM unsettled_orders WHERE order_id = ANY ($1::uuid[]) AND status = 'held'

-- Orders by id. $1 id
SELECT {order}
FROM orders o WHERE o.id = ANY ($1::uuid[])

-- Removes an endpoint and what it was told. $1 endpoint
WITH gone AS (DELETE FROM deliveries WHERE endpoint_id = $1)
DELETE FROM endpoints WHERE id = $1 RETURNING id

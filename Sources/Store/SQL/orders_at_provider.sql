-- Orders that a provider may have: asked about there, or waiting for a person. $1 name
SELECT count(*) FROM unsettled_orders u JOIN orders o ON o.id = u.order_id
WHERE u.status IN ('sending', 'sent', 'unresolved', 'held') AND o.provider_id = (SELECT id FROM providers WHERE name = $1)

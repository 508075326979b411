-- Orders that a provider may have: asked about there, or waiting for a person. $1 name
SELECT count(*) FROM orders
WHERE status IN ('sending', 'sent', 'unresolved', 'held') AND provider_id = (SELECT id FROM providers WHERE name = $1)

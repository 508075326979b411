-- The sends that a provider's notice names, those of the provider first. $1 our reference or null, $2 the provider's own name for the
-- order or null, $3 provider
SELECT order_id, number, provider_id, provider_order_id, reference FROM attempts
WHERE reference = $1::text OR provider_order_id = $2::text AND provider_id = $3::bigint
ORDER BY (provider_id = $3::bigint) DESC, number DESC LIMIT 3

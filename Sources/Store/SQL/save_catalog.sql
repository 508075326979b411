-- Keeps a provider's catalogue as it was just read. $1 provider, $2 name, $3 game, $4 cost or null, $5 parameters
INSERT INTO catalog (provider_id, name, game, cost, parameters, seen_at)
SELECT DISTINCT ON (name, game) $1::bigint, name, game, cost::numeric, parameters::jsonb, now()
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS i (name, game, cost, parameters)
ORDER BY name, game, cost::numeric DESC NULLS LAST
ON CONFLICT (provider_id, name, game) DO UPDATE SET
  cost = excluded.cost, parameters = excluded.parameters, seen_at = excluded.seen_at

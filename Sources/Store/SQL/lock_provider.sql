-- Waits for the intents that are being committed for a provider, and keeps later ones waiting. $1 name
SELECT id FROM providers WHERE name = $1 FOR UPDATE

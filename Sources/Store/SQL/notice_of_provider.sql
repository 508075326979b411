-- Tells those whose products go to a provider of something that happened there. $1 provider, $2 subject, $3 the event's id,
-- $4 type, $5 data. Returns how many events were written
SELECT add_notice(ARRAY(SELECT DISTINCT tenant_id FROM routes WHERE provider_id = $1), $2, $3, $4, $5)

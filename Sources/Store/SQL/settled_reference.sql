-- The reference of a send that a provider is known to have settled, under today's account. $1 provider
SELECT reference FROM settled_sends
WHERE provider_id = $1 AND account_epoch = (SELECT account_epoch FROM providers WHERE id = $1)

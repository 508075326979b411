-- Gives the relay lease up, if the caller holds it.
-- KEYS: 1 relay lease. ARGV: 1 holder. Returns 1 when it was given up.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0

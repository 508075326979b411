-- Prolongs the relay lease, if the caller still holds it: while it reads, and until it has noted what it published. It never
-- takes it, since whoever lost it has to read again.
-- KEYS: 1 relay lease. ARGV: 1 holder, 2 lease in ms. Returns 1 when it was prolonged, else 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])

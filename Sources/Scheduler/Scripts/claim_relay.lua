-- Takes or prolongs the relay lease.
-- KEYS: 1 relay lease. ARGV: 1 holder, 2 lease in ms. Returns 1 when the caller holds it now, else 0.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

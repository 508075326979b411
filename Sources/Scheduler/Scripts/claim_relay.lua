-- Takes or prolongs the relay lease.
-- KEYS: 1 relay lease. ARGV: 1 holder, 2 lease in ms. Returns 1 when the caller holds it now, else 0.
local holder = redis.call('GET', KEYS[1])
-- A lease that ends later than any can was given by a clock that was ahead.
local isSane = redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2])
if holder and holder ~= ARGV[1] and isSane then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

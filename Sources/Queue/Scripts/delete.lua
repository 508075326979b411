-- Removes a job that is not leased.
-- KEYS    1 jobs  2 ready  3 delayed  4 leases  5 dead  6 owners  7 reasons  8 crashes
-- ARGV    1 id
-- returns 1 removed, 0 not there or leased
local id = ARGV[1]
if redis.call('ZSCORE', KEYS[4], id) then return 0 end
local removed = redis.call('HDEL', KEYS[1], id)
for _, set in ipairs({ KEYS[2], KEYS[3], KEYS[5] }) do redis.call('ZREM', set, id) end
for _, hash in ipairs({ KEYS[6], KEYS[7], KEYS[8] }) do redis.call('HDEL', hash, id) end
return removed

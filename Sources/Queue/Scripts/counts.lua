-- Counts the jobs of each state.
-- KEYS    1 ready  2 leases  3 delayed  4 dead  5 paused
-- returns how many are ready, leased, delayed, dead; then 1 when the queue is paused, else 0
local result = {}
for i = 1, 4 do result[i] = redis.call('ZCARD', KEYS[i]) end
result[5] = redis.call('EXISTS', KEYS[5])
return result

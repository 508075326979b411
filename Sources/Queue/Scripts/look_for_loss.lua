-- Tells whether the queue was lost or damaged since this was last asked.
-- KEYS    1 jobs  2 ready  3 delayed  4 leases  5 dead  6 epoch
-- returns "lost" when the epoch was gone (it is set again), "damaged" when some job has no state or some state no job,
--         else "whole"
if redis.call('SET', KEYS[6], '1', 'NX') then return 'lost' end
local states = 0
for i = 2, 5 do states = states + redis.call('ZCARD', KEYS[i]) end
if redis.call('HLEN', KEYS[1]) ~= states then return 'damaged' end
return 'whole'

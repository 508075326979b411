-- Tells whether the queue was lost or damaged since this was last asked.
-- KEYS    1 the queue
-- returns "lost" when the epoch was gone (it is set again), "damaged" when some job has no state or some state no job,
--         else "whole"
if redis.call('SET', KEYS[1] .. 'epoch', '1', 'NX') then return 'lost' end
local states = readyCount() + leasedCount() + redis.call('ZCARD', KEYS[1] .. 'delayed') + redis.call('ZCARD', KEYS[1] .. 'dead')
if redis.call('HLEN', KEYS[1] .. 'jobs') ~= states then return 'damaged' end
return 'whole'

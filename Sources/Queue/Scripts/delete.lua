-- Removes a job that is not leased.
-- KEYS    1 the queue
-- ARGV    1 id
-- returns 1 removed, 0 not there or leased
local id = ARGV[1]
if tokenOf(id) then return 0 end
local record = redis.call('HGET', KEYS[1] .. 'jobs', id)
for _, hash in ipairs({ 'jobs', 'reasons', 'crashes' }) do redis.call('HDEL', KEYS[1] .. hash, id) end
local removed = 0
for _, set in ipairs({ 'delayed', 'dead', 'back' }) do removed = removed + redis.call('ZREM', KEYS[1] .. set, id) end
if not record then return 0 end
if removed == 0 then leaveLine(lineOf(record), id) end
return 1

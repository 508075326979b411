-- Moves a delayed or dead job to the end of its line, its crashes forgotten. An id without a record is dropped.
-- KEYS    1 the queue
-- ARGV    1 id
-- returns 1 moved, 0 neither delayed nor dead
local id = ARGV[1]
if redis.call('ZREM', KEYS[1] .. 'delayed', id) + redis.call('ZREM', KEYS[1] .. 'dead', id) == 0 then return 0 end
redis.call('HDEL', KEYS[1] .. 'reasons', id)
redis.call('HDEL', KEYS[1] .. 'crashes', id)
local record = redis.call('HGET', KEYS[1] .. 'jobs', id)
if not record then return 0 end
joinLine(lineOf(record), { id })
redis.call('ZADD', KEYS[1] .. 'wake', 0, '1')
return 1

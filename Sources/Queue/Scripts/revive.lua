-- Moves a delayed or dead job to the end of ready, its crashes forgotten. An id without a record is dropped.
-- KEYS    1 jobs  2 ready  3 delayed  4 dead  5 reasons  6 crashes  7 seq  8 wake
-- ARGV    1 id
-- returns 1 moved, 0 neither delayed nor dead
local bands = { h = 0, n = 1e15, l = 2e15 }
local id = ARGV[1]
if redis.call('ZREM', KEYS[3], id) + redis.call('ZREM', KEYS[4], id) == 0 then return 0 end
redis.call('HDEL', KEYS[5], id)
redis.call('HDEL', KEYS[6], id)
local record = redis.call('HGET', KEYS[1], id)
if not record then return 0 end
local seq = redis.call('INCR', KEYS[7])
redis.call('ZADD', KEYS[2], (bands[string.sub(record, 1, 1)] or bands.n) + seq, id)
redis.call('ZADD', KEYS[8], 0, '1')
return 1

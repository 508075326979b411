-- Moves a delayed or dead job to the end of ready, its crashes forgotten. An id without a record is dropped.
-- KEYS    1 jobs  2 ready  3 delayed  4 dead  5 reasons  6 crashes  7 turns  8 seq  9 wake
-- ARGV    1 id
-- returns 1 moved, 0 neither delayed nor dead
local id = ARGV[1]
if redis.call('ZREM', KEYS[3], id) + redis.call('ZREM', KEYS[4], id) == 0 then return 0 end
redis.call('HDEL', KEYS[5], id)
redis.call('HDEL', KEYS[6], id)
local record = redis.call('HGET', KEYS[1], id)
if not record then return 0 end
local place, keep = placer(KEYS[2], KEYS[7], KEYS[8])
redis.call('ZADD', KEYS[2], place(record), id)
redis.call('ZADD', KEYS[9], 0, '1')
keep()
return 1

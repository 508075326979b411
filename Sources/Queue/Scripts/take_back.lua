-- Takes a job from a lease that ends later than any lease can: it was given while Redis' clock was ahead, and a worker that
-- lives would have renewed it since. The job goes back to its place in ready.
-- KEYS    1 jobs  2 ready  3 leases  4 owners  5 wake
-- ARGV    1 id  2 ms from now on which no lease ends
-- returns 1 moved, 0 its lease is an ordinary one, or it has none
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id = ARGV[1]
local ends = redis.call('ZSCORE', KEYS[3], id)
if not ends or tonumber(ends) <= now + tonumber(ARGV[2]) then return 0 end
local owner = redis.call('HGET', KEYS[4], id)
redis.call('ZREM', KEYS[3], id)
redis.call('HDEL', KEYS[4], id)
if redis.call('HEXISTS', KEYS[1], id) == 0 then return 0 end
-- Without an owner, which only a hand can have deleted, the place is unknown: first of the normal band.
local place = owner and string.sub(owner, 1, string.find(owner, ' ', 1, true) - 1) or '1e15'
redis.call('ZADD', KEYS[2], place, id)
redis.call('ZADD', KEYS[5], 0, '1')
return 1

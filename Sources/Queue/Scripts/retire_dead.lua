-- Drops jobs that were buried long ago, the oldest first.
-- KEYS    1 jobs  2 dead  3 reasons  4 crashes
-- ARGV    1 age in ms  2 most jobs
-- returns how many were dropped
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
if #old > 0 then
  redis.call('ZREM', KEYS[2], unpack(old))
  for _, hash in ipairs({ KEYS[1], KEYS[3], KEYS[4] }) do redis.call('HDEL', hash, unpack(old)) end
end
return #old

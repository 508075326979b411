-- Drops jobs that were buried long ago, the oldest first.
-- KEYS    1 the queue
-- ARGV    1 age in ms  2 most jobs
-- returns how many were dropped
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local old = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'dead', '-inf', now - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
if #old > 0 then
  redis.call('ZREM', KEYS[1] .. 'dead', unpack(old))
  for _, hash in ipairs({ 'jobs', 'reasons', 'crashes' }) do redis.call('HDEL', KEYS[1] .. hash, unpack(old)) end
end
return #old

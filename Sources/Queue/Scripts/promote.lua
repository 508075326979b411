-- Moves due jobs from delayed to ready, in the order in which they are due. An id without a record is dropped.
-- KEYS    1 jobs  2 ready  3 delayed  4 turns  5 seq  6 wake
-- ARGV    1 most jobs
-- returns 1 how many were moved  2 ms until the next is due: 0 when one is already, -1 when there is none
--         3 ms since the first of the moved was due, -1 when none was moved
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ids = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[1])
local ready, late = {}, -1
if #ids > 0 then
  local records = redis.call('HMGET', KEYS[1], unpack(ids))
  local place, keep = placer(KEYS[2], KEYS[4], KEYS[5])
  for i, id in ipairs(ids) do
    if records[i] then
      ready[#ready + 1] = place(records[i])
      ready[#ready + 1] = id
    end
  end
  late = #ready > 0 and now - redis.call('ZSCORE', KEYS[3], ids[1]) or -1
  redis.call('ZREM', KEYS[3], unpack(ids))
  if #ready > 0 then
    redis.call('ZADD', KEYS[2], unpack(ready))
    redis.call('ZADD', KEYS[6], 0, '1')
    keep()
  end
end
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
return { #ready / 2, first and math.max(0, tonumber(first) - now) or -1, late }

-- Takes jobs from workers whose lease ran out: back to their place in ready, or to the dead set when that happened too
-- often. An id without a record is dropped.
-- KEYS    1 jobs  2 ready  3 leases  4 owners  5 crashes  6 dead  7 reasons  8 wake
--         9 history, without the minute
-- ARGV    1 most jobs  2 how many lost leases make a job dead
-- returns 1 back to ready  2 buried  3 ms until the next lease runs out: 0 when one has already, -1 when there is none
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ids = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[1])
local reaped, buried = 0, 0
if #ids > 0 then
  local owners = redis.call('HMGET', KEYS[4], unpack(ids))
  for i, id in ipairs(ids) do
    if redis.call('HEXISTS', KEYS[1], id) == 0 then
      redis.call('HDEL', KEYS[5], id)
    else
      local crashes = redis.call('HINCRBY', KEYS[5], id, 1)
      if crashes >= tonumber(ARGV[2]) then
        redis.call('ZADD', KEYS[6], now, id)
        redis.call('HSET', KEYS[7], id, 'its worker died ' .. crashes .. ' times while running it')
        -- The count stays with the dead job, and tells that its workers died: who buries one for another reason drops it.
        buried = buried + 1
      else
        -- Without an owner, which only a hand can have deleted, the place is unknown: first of the normal band.
        local place = owners[i] and string.sub(owners[i], 1, string.find(owners[i], ' ', 1, true) - 1) or '1e15'
        redis.call('ZADD', KEYS[2], place, id)
        reaped = reaped + 1
      end
    end
  end
  redis.call('ZREM', KEYS[3], unpack(ids))
  redis.call('HDEL', KEYS[4], unpack(ids))
  if reaped > 0 then redis.call('ZADD', KEYS[8], 0, '1') end
  count(KEYS[9], now, 'lost', reaped)
  count(KEYS[9], now, 'dead', buried)
end
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
return { reaped, buried, first and math.max(0, tonumber(first) - now) or -1 }

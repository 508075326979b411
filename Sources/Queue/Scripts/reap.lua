-- Takes jobs from workers whose lease ran out: back to their place in ready, or to the dead set when that happened too
-- often. An id without a record is dropped.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    1 most jobs  2 how many lost leases make a job dead
-- returns 1 back to ready  2 buried  3 ms until the next lease runs out: 0 when one has already, -1 when there is none
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, reaped, buried = tonumber(ARGV[1]), 0, 0
while left > 0 do
  local token = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'leases', '-inf', now, 'LIMIT', 0, 1)[1]
  if not token then break end
  local ids = heldInOrder(token)
  for i = #ids, left + 1, -1 do ids[i] = nil end
  left = left - math.max(#ids, 1)
  local back = {}
  for _, id in ipairs(ids) do
    if redis.call('HEXISTS', KEYS[1] .. 'jobs', id) == 0 then
      redis.call('HDEL', KEYS[1] .. 'crashes', id)
    else
      local crashes = redis.call('HINCRBY', KEYS[1] .. 'crashes', id, 1)
      if crashes >= tonumber(ARGV[2]) then
        redis.call('ZADD', KEYS[1] .. 'dead', now, id)
        redis.call('HSET', KEYS[1] .. 'reasons', id, 'its worker died ' .. crashes .. ' times while running it')
        -- The count stays with the dead job, and tells that its workers died: who buries one for another reason drops it.
        buried = buried + 1
        letGo(token, { id })
      else
        back[#back + 1] = id
        reaped = reaped + 1
      end
    end
  end
  if #back > 0 then giveBack(token, back) end
  letGo(token, #ids > 0 and ids or { '' })
end
count(now, 'lost', reaped)
count(now, 'dead', buried)
local first = redis.call('ZRANGE', KEYS[1] .. 'leases', 0, 0, 'WITHSCORES')[2]
return { reaped, buried, first and math.max(0, tonumber(first) - now) or -1 }

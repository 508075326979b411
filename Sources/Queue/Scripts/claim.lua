-- Takes the first ready jobs under a lease; nothing while the queue is paused. An id without a record is dropped.
-- KEYS    1 jobs  2 ready  3 leases  4 owners  5 paused  6 wake  7 crashes
-- ARGV    1 most jobs  2 token  3 lease in ms
-- returns 1 id, record: for each job  2 id, leases lost: for each that lost any
if redis.call('EXISTS', KEYS[5]) == 1 then return { {}, {} } end
local popped = redis.call('ZPOPMIN', KEYS[2], ARGV[1])
if #popped == 0 then return { {}, {} } end

local ids = {}
for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
local records = redis.call('HMGET', KEYS[1], unpack(ids))
local time = redis.call('TIME')
-- As text once: a number would be formatted again for each job.
local ends = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[3]))
local suffix = ' ' .. ARGV[2]
local claimed, leases, owners = {}, {}, {}
for i, id in ipairs(ids) do
  if records[i] then
    claimed[#claimed + 1] = id
    claimed[#claimed + 1] = records[i]
    leases[#leases + 1] = ends
    leases[#leases + 1] = id
    -- The place in ready is kept with the owner, so that a job given back gets it again.
    owners[#owners + 1] = id
    owners[#owners + 1] = popped[i * 2] .. suffix
  end
end
if #claimed > 0 then
  redis.call('ZADD', KEYS[3], unpack(leases))
  redis.call('HSET', KEYS[4], unpack(owners))
end
-- Mostly there is no such key.
local crashed = {}
if #claimed > 0 and redis.call('EXISTS', KEYS[7]) == 1 then
  local crashes = redis.call('HMGET', KEYS[7], unpack(ids))
  for i, id in ipairs(ids) do
    if crashes[i] and records[i] then
      crashed[#crashed + 1] = id
      crashed[#crashed + 1] = crashes[i]
    end
  end
end
-- Wakes the next idle worker, since one marker wakes only one.
if redis.call('ZCARD', KEYS[2]) > 0 then redis.call('ZADD', KEYS[6], 0, '1') end
return { claimed, crashed }

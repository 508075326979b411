-- Takes the first ready jobs under a lease; nothing while the queue is paused. An id without a record is dropped.
-- A higher band goes first, but not for ever: of 16 jobs taken while two bands wait, one is the first of the normal band
-- and one the first of the low band.
-- KEYS    1 jobs  2 ready  3 leases  4 owners  5 paused  6 wake  7 turns  8 crashes
-- ARGV    1 most jobs  2 token  3 lease in ms
-- returns 1 id, record: for each job  2 id, leases lost: for each that lost any
if redis.call('EXISTS', KEYS[5]) == 1 then return { {}, {} } end
local waiting = redis.call('ZCARD', KEYS[2])
local most = math.min(tonumber(ARGV[1]), waiting)
if most == 0 then return { {}, {} } end
local bandSize, floor = 1e15, math.floor

local lower = {}
local function edge(index) return floor(redis.call('ZRANGE', KEYS[2], index, index, 'WITHSCORES')[2] / bandSize) end
if edge(0) < edge(-1) then
  local seat = redis.call('HINCRBY', KEYS[7], '=taken', most)
  for _, band in ipairs({ { '1e15', '(2e15', 8 }, { '2e15', '+inf', 0 } }) do
    local count = floor((seat + band[3]) / 16) - floor((seat - most + band[3]) / 16)
    if count > 0 then
      local found = redis.call('ZRANGE', KEYS[2], band[1], band[2], 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES')
      for i = 1, #found, 2 do
        lower[#lower + 1] = found[i]
        lower[#lower + 1] = found[i + 1]
        redis.call('ZREM', KEYS[2], found[i])
      end
    end
  end
end
local popped = redis.call('ZPOPMIN', KEYS[2], most - #lower / 2)
for i = 1, #lower do popped[#popped + 1] = lower[i] end

local ids = {}
for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
local records = redis.call('HMGET', KEYS[1], unpack(ids))
local time = redis.call('TIME')
-- As text once: a number would be formatted again for each job.
local ends = string.format('%.0f', time[1] * 1000 + floor(time[2] / 1000) + tonumber(ARGV[3]))
local suffix = ' ' .. ends .. ' ' .. ARGV[2]
local claimed, leases, owners, clocks = {}, {}, {}, {}
for i, id in ipairs(ids) do
  local place = popped[i * 2]
  local band = floor(place / bandSize)
  clocks[band] = math.max(clocks[band] or 0, place - band * bandSize)
  if records[i] then
    claimed[#claimed + 1] = id
    claimed[#claimed + 1] = records[i]
    leases[#leases + 1] = ends
    leases[#leases + 1] = id
    -- The place in ready is kept with the owner, so that a job given back gets it again.
    owners[#owners + 1] = id
    owners[#owners + 1] = place .. suffix
  end
end
if #claimed > 0 then
  redis.call('ZADD', KEYS[3], unpack(leases))
  redis.call('HSET', KEYS[4], unpack(owners))
end
for band, last in pairs(clocks) do
  local name = ({ [0] = '=h', '=n', '=l' })[band]
  local clock = name and redis.call('HGET', KEYS[7], name)
  -- A job that was given back has an old place, but no clock goes back. A place by hand may be in no band.
  if clock and last > tonumber(clock) then
    redis.call('HSET', KEYS[7], name, string.format('%.0f', last))
  end
end
-- Mostly there is no such key.
local crashed = {}
if #claimed > 0 and redis.call('EXISTS', KEYS[8]) == 1 then
  local crashes = redis.call('HMGET', KEYS[8], unpack(ids))
  for i, id in ipairs(ids) do
    if crashes[i] and records[i] then
      crashed[#crashed + 1] = id
      crashed[#crashed + 1] = crashes[i]
    end
  end
end
-- Wakes the next idle worker, since one marker wakes only one.
if waiting > most then redis.call('ZADD', KEYS[6], 0, '1') end
return { claimed, crashed }

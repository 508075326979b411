-- Takes the first ready jobs under a lease; nothing while the queue is paused. An id without a record is dropped.
-- A higher band goes first, but not for ever: of 16 jobs taken while two bands wait, one is the first of the normal band
-- and one the first of the low band. A suspect is a job that lost so many leases that it may be what ends its workers: it is
-- given alone, and only to who runs nothing else, so that the next death is charged to it and to no other. Those that are
-- left out keep their places, and lose no lease whatever becomes of this claim. One of a lower band keeps its seat too: the next
-- that is taken while two bands wait is its again, so that whoever has become idle for it gets it and not another of a higher band.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    1 most jobs  2 token: all that it holds is then held for the lease from now on  3 lease in ms
--         4 how many lost leases make a suspect  5 1 when the caller runs nothing else
-- returns 1 ids  2 the record of each  3 id, leases lost: for each that lost any  4 suspects that were left out
if redis.call('EXISTS', KEYS[2] .. 'paused') == 1 then return { {}, {}, {}, 0 } end
local most, token = tonumber(ARGV[1]), ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Every command counts where few jobs are claimed at a time. Mostly there is neither of these.
local isOdd = redis.call('EXISTS', KEYS[1] .. 'back', KEYS[1] .. 'crashes') > 0
local bands, places = {}, nil
if isOdd and redis.call('EXISTS', KEYS[1] .. 'back') == 1 then places = {} end
for _, band in ipairs({ 'h', 'n', 'l' }) do
  lines[band] = redis.call('LLEN', KEYS[1] .. 'flows:' .. band)
  if lines[band] > 0 or places and backCount(band) > 0 then bands[#bands + 1] = band end
end
if #bands == 0 then return { {}, {}, {}, 0 } end

-- As text: a number may be written with an exponent.
local ends = string.format('%.0f', now + tonumber(ARGV[3]))
-- A token that was used before: its lease must not have run out, or the jobs would be run that somebody is to be given.
local before = redis.call('ZADD', KEYS[1] .. 'leases', 'NX', ends, token) == 0
if before and tonumber(redis.call('ZSCORE', KEYS[1] .. 'leases', token)) <= now then return { {}, {}, {}, 0 } end

local ids = {}
local function waiting(band)
  local sum = places and backCount(band) or 0
  for _, line in ipairs(redis.call('LRANGE', KEYS[1] .. 'flows:' .. band, 0, -1)) do
    if sum >= most then break end
    sum = sum + redis.call('LLEN', KEYS[1] .. 'ready:' .. line)
  end
  return sum
end
local left, lower = most, {}
if #bands > 1 then
  local sum = 0
  for _, band in ipairs(bands) do sum = sum + waiting(band) end
  most = math.min(most, sum)
  left = most
  local seat = redis.call('INCRBY', KEYS[1] .. 'seats', most)
  for _, due in ipairs({ { 'n', 8 }, { 'l', 0 } }) do
    local count = math.floor((seat + due[2]) / 16) - math.floor((seat - most + due[2]) / 16)
    if count > 0 then
      lower[due[1]] = { ids = {}, places = places and {} }
      left = left - take(due[1], count, lower[due[1]].ids, lower[due[1]].places)
    end
  end
end
-- The first of a lower band stand behind the higher bands, and before the rest of their own if it comes to that.
local function addLower(band)
  for i, id in ipairs(lower[band] and lower[band].ids or {}) do
    ids[#ids + 1] = id
    if places then places[#ids] = lower[band].places[i] end
  end
  lower[band] = nil
end
for _, band in ipairs(bands) do
  if left > 0 then
    addLower(band)
    left = left - take(band, left, ids, places)
  end
end
addLower('n')
addLower('l')
local function isNothing()
  if #ids == 0 and not before then redis.call('ZREM', KEYS[1] .. 'leases', token) end
  return #ids == 0
end
if isNothing() then return { {}, {}, {}, 0 } end

local records = redis.call('HMGET', KEYS[1] .. 'jobs', unpack(ids))
local isWhole = true
for i = 1, #ids do
  if not records[i] then
    isWhole = false
    break
  end
end
if not isWhole then
  local some, theirs, old = {}, {}, places and {}
  for i, id in ipairs(ids) do
    if records[i] then
      some[#some + 1] = id
      theirs[#some] = records[i]
      if places then old[#some] = places[i] end
    end
  end
  ids, records, places = some, theirs, old
end
local crashed, leftOut = {}, 0
if not isNothing() then
  local number = redis.call('INCRBY', KEYS[1] .. 'seq', #ids) - #ids + 1
  local numbers = band15[bands[1]] + number
  if #bands > 1 or places then
    numbers = {}
    for i = 1, #ids do
      -- Records begin with the letter of their band.
      numbers[i] = places and places[i] or (band15[string.sub(records[i], 1, 1)] or 1e15) + number + i - 1
    end
  end
  local crashes = isOdd and redis.call('HMGET', KEYS[1] .. 'crashes', unpack(ids)) or {}
  local suspects, first = {}, nil
  for i = 1, #ids do
    if crashes[i] and tonumber(crashes[i]) >= tonumber(ARGV[4]) then
      suspects[i] = true
      first = first or i
      leftOut = leftOut + 1
    end
  end
  if first then
    local isAlone = ARGV[5] == '1' and not before
    if isAlone then leftOut = leftOut - 1 end
    local some, theirs, places, lost, back, waits = {}, {}, {}, {}, {}, {}
    for i, id in ipairs(ids) do
      local place = type(numbers) == 'table' and numbers[i] or numbers + i - 1
      if isAlone and i == first or not isAlone and not suspects[i] then
        some[#some + 1] = id
        theirs[#some], places[#some], lost[#some] = records[i], place, crashes[i]
      else
        back[#back + 1] = place
        back[#back + 1] = id
        if suspects[i] then waits[string.sub(records[i], 1, 1)] = true end
      end
    end
    if #bands > 1 and (waits.n or waits.l) then
      -- The count right before the band's seat; never below zero, since other programs count on from it.
      local seat = tonumber(redis.call('GET', KEYS[1] .. 'seats') or 0)
      local past = (seat - (waits.n and 7 or 15)) % 16
      redis.call('INCRBY', KEYS[1] .. 'seats', past <= seat and -past or 16 - past)
    end
    if #back > 0 then redis.call('ZADD', KEYS[1] .. 'back', unpack(back)) end
    ids, records, numbers, crashes = some, theirs, places, lost
  end
  for i, id in ipairs(ids) do
    if crashes[i] then
      crashed[#crashed + 1] = id
      crashed[#crashed + 1] = crashes[i]
    end
  end
  if not isNothing() then
    local claim = { ids, numbers }
    if before then
      -- What it holds from before stays with it.
      local place, older = placesOf(token)
      local all, theirs = {}, {}
      for _, id in ipairs(older) do
        if redis.call('SISMEMBER', KEYS[1] .. 'held:' .. token, id) == 1 then
          all[#all + 1] = id
          theirs[#all] = place(id)
        end
      end
      for i, id in ipairs(ids) do
        all[#all + 1] = id
        theirs[#all] = type(numbers) == 'table' and numbers[i] or numbers + i - 1
      end
      claim = { all, theirs }
      redis.call('ZADD', KEYS[1] .. 'leases', ends, token)
    end
    redis.call('SADD', KEYS[1] .. 'held:' .. token, unpack(ids))
    redis.call('HSET', KEYS[1] .. 'claims', token, cmsgpack.pack(claim))
  end
end
-- Wakes the next idle worker, since one marker wakes only one.
if redis.call('EXISTS', KEYS[1] .. 'back', KEYS[1] .. 'flows:h', KEYS[1] .. 'flows:n', KEYS[1] .. 'flows:l') > 0 then
  redis.call('ZADD', KEYS[1] .. 'wake', 0, '1')
end
return { ids, records, crashed, leftOut }

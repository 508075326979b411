-- Adds jobs that are not there yet; each goes to ready, or to delayed when its delay is not 0.
-- KEYS    1 jobs  2 ready  3 delayed  4 leases  5 dead  6 owners  7 reasons  8 crashes  9 turns  10 seq  11 wake
--         12 due-wake  13 history, without the minute
-- ARGV    id, delay in ms, record: for each job
-- returns one letter a job: "a" added, or the state it is in: "r" ready, "d" delayed, "l" leased, "x" dead
local jobs = #ARGV / 3
local ids = {}
for i = 1, jobs do ids[i] = ARGV[i * 3 - 2] end

local function state(id)
  if redis.call('ZSCORE', KEYS[2], id) then return 'r' end
  if redis.call('ZSCORE', KEYS[3], id) then return 'd' end
  if redis.call('ZSCORE', KEYS[4], id) then return 'l' end
  if redis.call('ZSCORE', KEYS[5], id) then return 'x' end
  -- A record in no state: one of the sets was deleted by hand. The job is new, without a past.
  redis.call('HDEL', KEYS[6], id)
  redis.call('HDEL', KEYS[7], id)
  redis.call('HDEL', KEYS[8], id)
  return nil
end

local known = redis.call('HMGET', KEYS[1], unpack(ids))
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local place, keep = placer(KEYS[2], KEYS[9], KEYS[10])
local results, rows, ready, delayed, seen, earliest = {}, {}, {}, {}, {}, nil

for i = 1, jobs do
  local id, delay, record = ids[i], tonumber(ARGV[i * 3 - 1]), ARGV[i * 3]
  local found = seen[id] or (known[i] and state(id))
  if found then
    results[i] = found
  else
    results[i] = 'a'
    rows[#rows + 1] = id
    rows[#rows + 1] = record
    if delay > 0 then
      seen[id] = 'd'
      delayed[#delayed + 1] = now + delay
      delayed[#delayed + 1] = id
      if not earliest or now + delay < earliest then earliest = now + delay end
    else
      seen[id] = 'r'
      ready[#ready + 1] = place(record)
      ready[#ready + 1] = id
    end
  end
end

if #rows > 0 then redis.call('HSET', KEYS[1], unpack(rows)) end
count(KEYS[13], now, 'enqueued', #rows / 2)
if #ready > 0 then
  redis.call('ZADD', KEYS[2], unpack(ready))
  redis.call('ZADD', KEYS[11], 0, '1')
  keep()
end
if #delayed > 0 then
  local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
  if not first or earliest < tonumber(first) then redis.call('ZADD', KEYS[12], 0, '1') end
  redis.call('ZADD', KEYS[3], unpack(delayed))
end
return table.concat(results)

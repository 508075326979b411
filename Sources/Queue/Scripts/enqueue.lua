-- Adds jobs that are not there yet; each goes to the end of its line, or to delayed.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    for each group: the line, or "" for delayed ones; how many; id, record for each; for delayed ones delay in ms for each
-- returns one letter a job: "a" added, or the state it is in: "r" ready, "d" delayed, "l" leased, "x" dead
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local jobs = KEYS[1] .. 'jobs'

-- Without any record no place means anything: it was left by a hand that deleted the records, and must not meet a new job.
if redis.call('EXISTS', jobs) == 0 then
  local places = {}
  for i, name in ipairs({ 'back', 'delayed', 'dead', 'leases', 'claims', 'reasons', 'crashes', 'flows:h', 'flows:n', 'flows:l' }) do
    places[i] = KEYS[1] .. name
  end
  if redis.call('EXISTS', unpack(places)) > 0 then
    for _, token in ipairs(redis.call('ZRANGE', KEYS[1] .. 'leases', 0, -1)) do
      redis.call('DEL', KEYS[1] .. 'held:' .. token)
    end
    for _, band in ipairs({ 'h', 'n', 'l' }) do
      for _, line in ipairs(redis.call('LRANGE', KEYS[1] .. 'flows:' .. band, 0, -1)) do
        redis.call('DEL', KEYS[1] .. 'ready:' .. line)
      end
    end
    redis.call('DEL', unpack(places))
  end
end

local results, added, readied, earliest, at = {}, 0, false, nil, 1
while ARGV[at] do
  local line, size = ARGV[at], tonumber(ARGV[at + 1])
  local first, last, ids = at + 2, at + 1 + size * 2, {}
  for i = 1, size do ids[i] = ARGV[at + i * 2] end
  local known = redis.call('HMGET', jobs, unpack(ids))
  local isNew = true
  for i = 1, size do
    if known[i] then
      isNew = false
      break
    end
  end
  local fresh, letters = ids, nil
  -- Mostly all are new and no two the same; then their records go in as they stand in ARGV.
  if not isNew or redis.call('HSET', jobs, unpack(ARGV, first, last)) < size then
    local seen, rows = {}, {}
    fresh, letters = {}, {}
    for i, id in ipairs(ids) do
      if seen[id] or known[i] then
        letters[i] = seen[id] or state(id)
      else
        seen[id] = line == '' and 'd' or 'r'
        letters[i] = 'a'
        fresh[#fresh + 1] = id
        rows[#rows + 1] = id
        rows[#rows + 1] = ARGV[first + i * 2 - 1]
      end
    end
    if #rows > 0 then redis.call('HSET', jobs, unpack(rows)) end
    letters = table.concat(letters)
  end
  results[#results + 1] = letters or string.rep('a', size)
  added = added + #fresh
  at = last + 1
  if line ~= '' then
    if #fresh > 0 then
      joinLine(line, fresh)
      readied = true
    end
  else
    local delayed = {}
    for i = 1, size do
      if not letters or string.sub(letters, i, i) == 'a' then
        local due = now + tonumber(ARGV[last + i])
        delayed[#delayed + 1] = due
        delayed[#delayed + 1] = ids[i]
        if not earliest or due < earliest then earliest = due end
      end
    end
    at = at + size
    if #delayed > 0 then
      local head = redis.call('ZRANGE', KEYS[1] .. 'delayed', 0, 0, 'WITHSCORES')[2]
      if not head or earliest < tonumber(head) then redis.call('ZADD', KEYS[1] .. 'due-wake', 0, '1') end
      redis.call('ZADD', KEYS[1] .. 'delayed', unpack(delayed))
    end
  end
end
if readied then redis.call('ZADD', KEYS[1] .. 'wake', 0, '1') end
count(now, 'enqueued', added)
return table.concat(results)

-- Moves leased jobs to delayed, each with a new record.
-- KEYS    1 jobs  2 leases  3 owners  4 delayed  5 due-wake
-- ARGV    token, id, delay in ms, record: for each job
-- returns one digit a job: "1" delayed, "0" the lease is lost and nothing changed
local count = #ARGV / 4
local ids = {}
for i = 1, count do ids[i] = ARGV[i * 4 - 2] end

-- Held: leased, the lease not run out by the clock of Redis, and owned by the token. Without making new strings.
local owners = redis.call('HMGET', KEYS[3], unpack(ids))
local leases = redis.call('ZMSCORE', KEYS[2], unpack(ids))
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local find, taken, ending, known = string.find, {}, nil, nil
local function held(i, token)
  local id, owner, lease = ids[i], owners[i], leases[i]
  if not owner or not lease or tonumber(lease) <= now or taken[id] then return false end
  if token ~= known then known, ending = token, ' ' .. token end
  local first, last = find(owner, ending, 1, true)
  if first == nil or last ~= #owner or find(owner, ' ', 1, true) ~= first then return false end
  taken[id] = true
  return true
end

local results, moved, rows, delayed, earliest = {}, {}, {}, {}, nil
for i = 1, count do
  if held(i, ARGV[i * 4 - 3]) then
    local due = now + tonumber(ARGV[i * 4 - 1])
    results[i] = '1'
    moved[#moved + 1] = ids[i]
    rows[#rows + 1] = ids[i]
    rows[#rows + 1] = ARGV[i * 4]
    delayed[#delayed + 1] = due
    delayed[#delayed + 1] = ids[i]
    if not earliest or due < earliest then earliest = due end
  else
    results[i] = '0'
  end
end
if #moved > 0 then
  local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')[2]
  if not first or earliest < tonumber(first) then redis.call('ZADD', KEYS[5], 0, '1') end
  redis.call('HSET', KEYS[1], unpack(rows))
  redis.call('ZREM', KEYS[2], unpack(moved))
  redis.call('HDEL', KEYS[3], unpack(moved))
  redis.call('ZADD', KEYS[4], unpack(delayed))
end
return table.concat(results)

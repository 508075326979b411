-- Gives leased jobs back to ready, at the place they were claimed from. One without a record is dropped as lost.
-- KEYS    1 jobs  2 leases  3 owners  4 ready  5 wake
-- ARGV    token, id: for each job
-- returns one digit a job: "1" released, "0" the lease is lost and nothing changed
local count = #ARGV / 2
local ids = {}
for i = 1, count do ids[i] = ARGV[i * 2] end

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

local results, moved, ready = {}, {}, {}
for i = 1, count do
  results[i] = '0'
  if held(i, ARGV[i * 2 - 1]) then
    moved[#moved + 1] = ids[i]
    if redis.call('HEXISTS', KEYS[1], ids[i]) == 1 then
      results[i] = '1'
      ready[#ready + 1] = string.sub(owners[i], 1, string.find(owners[i], ' ', 1, true) - 1)
      ready[#ready + 1] = ids[i]
    end
  end
end
if #moved > 0 then
  redis.call('ZREM', KEYS[2], unpack(moved))
  redis.call('HDEL', KEYS[3], unpack(moved))
end
if #ready > 0 then
  redis.call('ZADD', KEYS[4], unpack(ready))
  redis.call('ZADD', KEYS[5], 0, '1')
end
return table.concat(results)

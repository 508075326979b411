-- Moves leased jobs to the dead set, each with a reason. One without a record is dropped as lost.
-- KEYS    1 jobs  2 leases  3 owners  4 crashes  5 dead  6 reasons
-- ARGV    token, id, reason: for each job
-- returns one digit a job: "1" buried, "0" the lease is lost and nothing changed
local count = #ARGV / 3
local ids = {}
for i = 1, count do ids[i] = ARGV[i * 3 - 1] end

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

local results, moved = {}, {}
for i = 1, count do
  results[i] = '0'
  if held(i, ARGV[i * 3 - 2]) then
    moved[#moved + 1] = ids[i]
    if redis.call('HEXISTS', KEYS[1], ids[i]) == 1 then
      results[i] = '1'
      redis.call('ZADD', KEYS[5], now, ids[i])
      redis.call('HSET', KEYS[6], ids[i], ARGV[i * 3])
    end
  end
end
if #moved > 0 then
  redis.call('ZREM', KEYS[2], unpack(moved))
  redis.call('HDEL', KEYS[3], unpack(moved))
  redis.call('HDEL', KEYS[4], unpack(moved))
end
return table.concat(results)

-- Prolongs leases, from now.
-- KEYS    1 jobs  2 leases  3 owners
-- ARGV    1 token  2 lease in ms  3… ids
-- returns the ids that the token does not hold
local ids = {}
for i = 3, #ARGV do ids[i - 2] = ARGV[i] end

-- Held: leased, the lease not run out by the clock of Redis, and owned by the token.
local owners = redis.call('HMGET', KEYS[3], unpack(ids))
local leases = redis.call('ZMSCORE', KEYS[2], unpack(ids))
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
local function held(i, token)
  local id, owner, lease = ids[i], owners[i], leases[i]
  if not owner or not lease or tonumber(lease) <= now or taken[id] then return false end
  if string.sub(owner, string.find(owner, " ", 1, true) + 1) ~= token then return false end
  taken[id] = true
  return true
end

local lost, leases = {}, {}
for i, id in ipairs(ids) do
  if held(i, ARGV[1]) then
    leases[#leases + 1] = now + tonumber(ARGV[2])
    leases[#leases + 1] = id
  else
    lost[#lost + 1] = id
  end
end
if #leases > 0 then redis.call('ZADD', KEYS[2], 'XX', unpack(leases)) end
return lost

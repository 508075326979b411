-- Prolongs leases, from now.
-- KEYS    1 jobs  2 leases  3 owners
-- ARGV    1 token  2 lease in ms  3… ids
-- returns the ids that the token does not hold
local ids = {}
for i = 3, #ARGV do ids[i - 2] = ARGV[i] end

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

local ends = string.format('%.0f', now + tonumber(ARGV[2]))
local lost, prolonged = {}, {}
for i, id in ipairs(ids) do
  if held(i, ARGV[1]) then
    prolonged[#prolonged + 1] = ends
    prolonged[#prolonged + 1] = id
  else
    lost[#lost + 1] = id
  end
end
if #prolonged > 0 then redis.call('ZADD', KEYS[2], 'XX', unpack(prolonged)) end
return lost

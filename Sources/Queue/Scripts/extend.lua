-- Prolongs leases, from now.
-- KEYS    1 jobs  2 leases  3 owners
-- ARGV    1 token  2 lease in ms  3… ids
-- returns the ids that the token does not hold
local ids = {}
for i = 3, #ARGV do ids[i - 2] = ARGV[i] end
local held = holder(KEYS[3], ids)

local ends = string.format('%.0f', now + tonumber(ARGV[2]))
local suffix = ' ' .. ends .. ' ' .. ARGV[1]
local lost, prolonged, owners = {}, {}, {}
for i, id in ipairs(ids) do
  local place = held(i, ARGV[1])
  if place then
    prolonged[#prolonged + 1] = ends
    prolonged[#prolonged + 1] = id
    owners[#owners + 1] = id
    owners[#owners + 1] = place .. suffix
  else
    lost[#lost + 1] = id
  end
end
if #prolonged > 0 then
  redis.call('ZADD', KEYS[2], 'XX', unpack(prolonged))
  redis.call('HSET', KEYS[3], unpack(owners))
end
return lost

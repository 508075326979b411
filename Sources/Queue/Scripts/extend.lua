-- Prolongs a token's lease, from now. What it holds and is not named, nobody runs: it goes back to its place in ready.
-- KEYS    1 the queue
-- ARGV    1 token  2 lease in ms  3… ids
-- returns the ids that the token does not hold
local ids = { unpack(ARGV, 3) }
local token = ARGV[1]
local digits, mine = held(token, ids)
local lost = {}
for i, id in ipairs(ids) do
  if string.sub(digits, i, i) ~= '1' then lost[#lost + 1] = id end
end
if #mine == 0 then return lost end
if redis.call('SCARD', KEYS[1] .. 'held:' .. token) > #mine then
  local unnamed = {}
  for _, id in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'held:' .. token)) do
    if not seen[id] then unnamed[#unnamed + 1] = id end
  end
  giveBack(token, unnamed)
end
redis.call('ZADD', KEYS[1] .. 'leases', 'XX', string.format('%.0f', now + tonumber(ARGV[2])), token)
return lost

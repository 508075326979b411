-- Not a script: begins those that settle or prolong. A token holds the ids in the set `held:` with the token behind it, all
-- under one lease, whose end by the clock of Redis is its score in `leases`. `claims` keeps the order in which they were claimed.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- One digit each of the ids: "1" when the token holds it, and under a lease that has not run out. An id counts once in a call.
local seen = {}
local function held(token, ids)
  local ends = redis.call('ZSCORE', KEYS[1] .. 'leases', token)
  if not ends or tonumber(ends) <= now then return string.rep('0', #ids), {} end
  local found, mine, results = redis.call('SMISMEMBER', KEYS[1] .. 'held:' .. token, unpack(ids)), {}, {}
  for i = 1, #ids do
    local id = ids[i]
    if found[i] == 1 and not seen[id] then
      seen[id] = true
      mine[#mine + 1] = id
      results[i] = '1'
    else
      results[i] = '0'
    end
  end
  return table.concat(results), mine
end


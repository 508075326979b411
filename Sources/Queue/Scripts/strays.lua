-- Tells which of these jobs will not run by themselves for a long time.
-- KEYS    1 delayed  2 dead  3 leases
-- ARGV    1 ms from now on which a delayed job is too late, and no lease ends  2 ms since its burial from which a dead one lies for long
--         3… ids
-- returns their ids
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest, buried = now + tonumber(ARGV[1]), now - tonumber(ARGV[2])
local found = {}
for i = 3, #ARGV do
  local due = redis.call('ZSCORE', KEYS[1], ARGV[i])
  local died = not due and redis.call('ZSCORE', KEYS[2], ARGV[i])
  local ends = not due and redis.call('ZSCORE', KEYS[3], ARGV[i])
  if due and tonumber(due) > latest or ends and tonumber(ends) > latest or died and tonumber(died) <= buried then found[#found + 1] = ARGV[i] end
end
return found

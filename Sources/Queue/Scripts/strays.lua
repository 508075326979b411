-- Tells which of these jobs will not run by themselves for a long time.
-- KEYS    1 the queue
-- ARGV    1 ms from now on which a delayed job is too late, and no lease ends  2 ms since its burial from which a dead one lies for long
--         3… ids
-- returns their ids
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest, buried = now + tonumber(ARGV[1]), now - tonumber(ARGV[2])
-- Mostly none.
tokens = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'leases', string.format('(%.0f', latest), '+inf')
local found = {}
for i = 3, #ARGV do
  local due = redis.call('ZSCORE', KEYS[1] .. 'delayed', ARGV[i])
  local died = not due and redis.call('ZSCORE', KEYS[1] .. 'dead', ARGV[i])
  if due and tonumber(due) > latest or died and tonumber(died) <= buried or not due and not died and tokenOf(ARGV[i]) then
    found[#found + 1] = ARGV[i]
  end
end
return found

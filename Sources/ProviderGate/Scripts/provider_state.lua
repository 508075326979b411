-- Tells what is known of one provider.
-- KEYS    1 slots  2 state
-- returns slots in use, ms now, then field, value: of the state
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local reply = { redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf'), now }
for _, value in ipairs(redis.call('HGETALL', KEYS[2])) do reply[#reply + 1] = value end
return reply

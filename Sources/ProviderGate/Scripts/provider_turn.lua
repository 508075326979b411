-- Gives an order that leaves another provider a place at this one: those who come over come one after the other, as fast as it
-- takes them, and stand in nobody's way who was here before.
-- KEYS    1 state
-- ARGV    1 most slots  2 us between sends, 0 for no limit  3 ms before which it does not come
-- returns ms until it is its turn
local stepMax, lineMax = 1000, 600000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'turn', 'hold')
local turn = tonumber(state[1] or 0)
-- As with the line: what a clock of Redis that went back left behind.
if turn > now + lineMax then turn = now end
local step = math.max(tonumber(state[2] or 250) / tonumber(ARGV[1]), tonumber(ARGV[2]) / 1000)
turn = math.max(turn, now + tonumber(ARGV[3])) + math.min(math.max(step, 1), stepMax)
redis.call('HSET', KEYS[1], 'turn', string.format('%.3f', turn))
return math.ceil(turn - now)

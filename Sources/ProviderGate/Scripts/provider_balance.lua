-- Notes the balance that a probe showed.
-- KEYS    1 state
-- ARGV    1 ten-thousandths
-- returns 1
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'balance', ARGV[1], 'balance_at', time[1] * 1000 + math.floor(time[2] / 1000))
return 1

-- Notes that the provider said of a product that its balance is too low: its sends wait until there is more.
-- KEYS    1 state  2 costs
-- ARGV    1 product
-- returns 1; 0 when the balance is not known, so that nobody would see it rise, and nothing is noted
local balance = redis.call('HGET', KEYS[1], 'balance')
if not balance then return 0 end
redis.call('HSET', KEYS[2], '!' .. ARGV[1], balance)
local time = redis.call('TIME')
if redis.call('HEXISTS', KEYS[2], '@' .. ARGV[1]) == 0 then
  redis.call('HSET', KEYS[2], '@' .. ARGV[1], time[1] * 1000 + math.floor(time[2] / 1000))
end
return 1

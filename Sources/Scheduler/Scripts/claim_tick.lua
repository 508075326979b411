-- Claims the current tick of a periodic task, by Redis's clock.
-- KEYS: 1 hash of last ticks. ARGV: 1 name, 2 interval in ms.
-- A last tick far ahead was claimed while the clock was wrong: to wait for that time would stop the task for so long.
-- Returns {1 when this caller is the first at the tick, ms until the next tick}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval = tonumber(ARGV[2])
local tick = math.floor(now / interval)
local last = redis.call('HGET', KEYS[1], ARGV[1])
local wait = (tick + 1) * interval - now
if last and tonumber(last) >= tick and tonumber(last) <= tick + 1 then return {0, wait} end
redis.call('HSET', KEYS[1], ARGV[1], tick)
return {1, wait}

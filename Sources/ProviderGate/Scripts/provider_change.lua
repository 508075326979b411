-- Opens, ramps or closes the breaker, unless another process was faster.
-- KEYS    1 state  2 signs  3 odd
-- ARGV    1 version it starts from  2 mode  3 pause in ms  4 limit  5 why  6 trouble of the account: "access", "balance",
--         or empty; it is kept until the breaker closes
-- returns 1 when it was changed
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if version ~= tonumber(ARGV[1]) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mode = redis.call('HGET', KEYS[1], 'mode') or 'closed'
if mode ~= ARGV[2] then redis.call('HSET', KEYS[1], 'since', now) end
-- Since when it takes no usual load, whatever is tried in between.
if mode == 'closed' and ARGV[2] ~= 'closed' then redis.call('HSET', KEYS[1], 'shut_at', now) end
redis.call('HSET', KEYS[1], 'mode', ARGV[2], 'version', version + 1, 'pause', ARGV[3], 'limit', ARGV[4], 'why', ARGV[5],
  'passed', 0, 'until', now + (ARGV[2] == 'open' and tonumber(ARGV[3]) or 0), 'probe_ends', 0)
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], 'trouble', ARGV[6], 'trouble_pause', ARGV[3], 'trouble_at', now)
elseif ARGV[2] == 'closed' then
  redis.call('HDEL', KEYS[1], 'trouble')
end
if ARGV[2] == 'closed' then redis.call('HDEL', KEYS[1], 'shut_at') end
redis.call('DEL', KEYS[2], KEYS[3])
return 1

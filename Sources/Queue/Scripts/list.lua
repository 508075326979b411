-- Lists jobs of one state. An id without a record is left out.
-- KEYS    1 jobs  2 the set of the state  3 owners or reasons  4 crashes
-- ARGV    1 offset  2 most jobs  3 "newest" to begin with the highest score, else ""
-- returns 1 now in ms; then id, record, score, owner or reason (or ""), leases lost (or ""): for each job
local time = redis.call('TIME')
local result = { time[1] * 1000 + math.floor(time[2] / 1000) }
local first, last = tonumber(ARGV[1]), tonumber(ARGV[1]) + tonumber(ARGV[2]) - 1
local found = redis.call(ARGV[3] == 'newest' and 'ZREVRANGE' or 'ZRANGE', KEYS[2], first, last, 'WITHSCORES')
for i = 1, #found, 2 do
  local record = redis.call('HGET', KEYS[1], found[i])
  if record then
    result[#result + 1] = found[i]
    result[#result + 1] = record
    result[#result + 1] = found[i + 1]
    result[#result + 1] = redis.call('HGET', KEYS[3], found[i]) or ''
    result[#result + 1] = redis.call('HGET', KEYS[4], found[i]) or ''
  end
end
return result

-- Takes what was noted since the last time, for one process to judge; it writes its new sums back with the next call.
-- KEYS    1 ledger  2 state
-- ARGV    1 sums to keep, empty to take
-- returns sums, then the entries; nothing when there are no entries
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[2], 'sums', ARGV[1])
  return {}
end
local entries = redis.call('LRANGE', KEYS[1], 0, -1)
if #entries == 0 then return {} end
redis.call('DEL', KEYS[1])
local sums = redis.call('HGET', KEYS[2], 'sums') or ''
-- Until they are back nobody else counts from them.
redis.call('HDEL', KEYS[2], 'sums')
return { sums, unpack(entries) }

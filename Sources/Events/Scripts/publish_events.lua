-- Appends events to the stream of all and each of an order to that of its tenant, if the caller still holds the relay lease, which is
-- prolonged. Both or neither: the streams have the same events in the same order.
-- KEYS: 1 relay lease, 2 stream of all, 3… streams of tenants
-- ARGV: 1 holder, 2 lease in ms, 3 about the most entries each stream keeps,
--       then for each event: which of the keys is its tenant's stream (2: only to that of all), its position, the event as JSON
-- `checks` stands before it: where true, nothing is appended that does not follow up with the newest entry. A Redis that failed over or
-- was restored may lack the last ones.
-- Run with allow-oom it works in a full Redis: only where ARGV 3 makes a stream shorter than it was.
-- Returns how many events were appended; -1 when the caller does not hold the lease; -2 - P when the newest entry has position P and
--         others are missing behind it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if checks then
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  if newest and newest[2][1] == 'position' and tonumber(newest[2][2]) < tonumber(ARGV[5]) - 1 then
    return -2 - tonumber(newest[2][2])
  end
end
for i = 4, #ARGV, 3 do
  local streams = { KEYS[2] }
  if ARGV[i] ~= '2' then streams[2] = KEYS[tonumber(ARGV[i])] end
  for _, stream in ipairs(streams) do
    redis.call('XADD', stream, 'MAXLEN', '~', ARGV[3], '*', 'position', ARGV[i + 1], 'event', ARGV[i + 2])
  end
end
return (#ARGV - 3) / 3

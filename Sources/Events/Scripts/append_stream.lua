-- Appends events to one stream, where the streams lie on several nodes of a Redis Cluster. What the stream has already is left out, by
-- its position: who comes late with old events, or again, appends none a second time and none behind a newer one.
-- KEYS: 1 stream, 2 relay lease: only with the stream of all, in whose slot it lies; it is prolonged
-- ARGV: 1 holder, 2 lease in ms, 3 about the most entries the stream keeps, 4 the position that its newest entry must have reached,
--       then for each event: its position, the event as JSON
-- Run with allow-oom it works in a full Redis: only where ARGV 3 makes the stream shorter than it was.
-- Returns how many events were appended; -1 when the caller does not hold the lease; -2 - P when the newest entry has position P and
--         others are missing behind it.
if KEYS[2] then
  if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local last = newest and newest[2][1] == 'position' and tonumber(newest[2][2]) or 0
if last > 0 and last < tonumber(ARGV[4]) then return -2 - last end
local count = 0
for i = 5, #ARGV, 2 do
  if tonumber(ARGV[i]) > last then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'position', ARGV[i], 'event', ARGV[i + 1])
    count = count + 1
  end
end
return count

-- Appends events to the stream, if the caller holds the relay lease or can take it.
-- KEYS: 1 relay lease, 2 stream
-- ARGV: 1 holder, 2 lease in ms, 3 about the most entries the stream keeps, 4… events as JSON
-- Returns how many were appended; -1 when another holds the lease.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return -1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for i = 4, #ARGV do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'event', ARGV[i])
end
return #ARGV - 3

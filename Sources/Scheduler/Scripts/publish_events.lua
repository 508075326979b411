-- Appends events to the stream, if the caller still holds the relay lease, which is prolonged.
-- KEYS: 1 relay lease, 2 stream
-- ARGV: 1 holder, 2 lease in ms, 3 about the most entries the stream keeps, 4… events as JSON
-- Returns how many were appended; -1 when the caller does not hold the lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
for i = 4, #ARGV do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'event', ARGV[i])
end
return #ARGV - 3

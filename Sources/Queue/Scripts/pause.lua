-- Stops or restarts giving out jobs.
-- KEYS    1 paused  2 wake
-- ARGV    1 "1" to pause, "0" to go on
-- returns 1
if ARGV[1] == '1' then
  redis.call('SET', KEYS[1], '1')
else
  redis.call('DEL', KEYS[1])
  redis.call('ZADD', KEYS[2], 0, '1')
end
return 1

-- Stops or restarts giving out jobs.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    1 "1" to pause, "0" to go on
-- returns 1
if ARGV[1] == '1' then
  redis.call('SET', KEYS[2] .. 'paused', '1')
else
  redis.call('DEL', KEYS[2] .. 'paused')
  redis.call('ZADD', KEYS[1] .. 'wake', 0, '1')
end
return 1

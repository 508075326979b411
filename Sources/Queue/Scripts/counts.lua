-- Counts the jobs of each state.
-- KEYS    1 the queue  2 what all layouts share
-- returns how many are ready, leased, delayed, dead; 1 when the queue is paused, else 0; how many have a record
return {
  readyCount(), leasedCount(), redis.call('ZCARD', KEYS[1] .. 'delayed'), redis.call('ZCARD', KEYS[1] .. 'dead'),
  redis.call('EXISTS', KEYS[2] .. 'paused'), redis.call('HLEN', KEYS[1] .. 'jobs'),
}

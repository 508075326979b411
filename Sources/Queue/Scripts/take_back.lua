-- Takes a job from a lease that ends later than any lease can: it was given while Redis' clock was ahead, and a worker that
-- lives would have renewed it since. The job goes back to its place in ready.
-- KEYS    1 the queue
-- ARGV    1 id  2 ms from now on which no lease ends
-- returns 1 moved, 0 its lease is an ordinary one, or it has none
local time = redis.call('TIME')
local latest = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
for _, token in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1] .. 'leases', string.format('(%.0f', latest), '+inf')) do
  if redis.call('SISMEMBER', KEYS[1] .. 'held:' .. token, ARGV[1]) == 1 then
    local _, given = giveBack(token, { ARGV[1] })
    return given
  end
end
return 0

-- Not a script: begins those that the history counts. `history:` and the minute of Redis' clock name a hash of counters.
-- One command a call and kind of move, however many jobs it was.
local function count(now, move, jobs)
  if jobs == 0 then return end
  local key = KEYS[2] .. 'history:' .. string.format('%.0f', math.floor(now / 60000))
  -- The first to count says how long it is kept: 25 hours.
  if redis.call('HINCRBY', key, move, jobs) == jobs then redis.call('EXPIRE', key, 90000) end
end

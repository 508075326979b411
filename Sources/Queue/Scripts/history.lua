-- Tells what a queue did in the last minutes.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    1 how many minutes, with the present one  2 and more: kinds of move
-- returns the present minute of Unix time, then minute, count of each kind of move: oldest first, without minutes in which
--         nothing was counted
local now = math.floor(tonumber(redis.call('TIME')[1]) / 60)
local moves, reply = {}, { now }
for i = 2, #ARGV do moves[#moves + 1] = ARGV[i] end
for minute = now - tonumber(ARGV[1]) + 1, now do
  local counts = redis.call('HMGET', KEYS[2] .. 'history:' .. string.format('%.0f', minute), unpack(moves))
  local some = false
  for i = 1, #moves do
    some = some or counts[i]
    counts[i] = tonumber(counts[i] or 0)
  end
  if some then
    reply[#reply + 1] = minute
    for i = 1, #moves do reply[#reply + 1] = counts[i] end
  end
end
return reply

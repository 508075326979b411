-- Gives an order that leaves another provider a place at this one: those who come over come one after the other, as fast as it
-- takes them, and stand in nobody's way who was here before. Each second has room for as many as it takes in one, so that who
-- comes later keeps nobody waiting who comes sooner.
-- KEYS    1 state  2 turns: by the second of Redis' clock, how many ms of it are given away
-- ARGV    1 most slots  2 us between sends, 0 for no limit  3 ms before which it does not come
-- returns ms until it is its turn
local ahead, room, read, keep, old = 600, 1000, 30, 900000, 2000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hold = tonumber(redis.call('HGET', KEYS[1], 'hold') or 250)
local step = math.ceil(math.max(hold / tonumber(ARGV[1]), tonumber(ARGV[2]) / 1000))
step = math.min(math.max(step, 1), room)
local due = now + tonumber(ARGV[3])
local first = math.floor(due / 1000)

local turn = due + ahead * 1000
for from = first, first + ahead, read do
  local seconds = {}
  for second = from, from + read - 1 do seconds[#seconds + 1] = string.format('%.0f', second) end
  local given = redis.call('HMGET', KEYS[2], unpack(seconds))
  local found
  for i = 1, read do
    local used = tonumber(given[i] or 0)
    if used + step <= room then
      redis.call('HINCRBY', KEYS[2], seconds[i], step)
      found = (from + i - 1) * 1000 + used
      break
    end
  end
  if found then
    turn = math.max(found, due)
    break
  end
end
if redis.call('HLEN', KEYS[2]) > old then
  for _, second in ipairs(redis.call('HKEYS', KEYS[2])) do
    if tonumber(second) * 1000 < now - room then redis.call('HDEL', KEYS[2], second) end
  end
end
redis.call('PEXPIRE', KEYS[2], keep)
return math.ceil(turn - now)

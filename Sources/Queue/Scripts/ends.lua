-- Tells which of the ready jobs is taken next, and which stands last.
-- KEYS    1 the queue
-- returns their ids
local ids, last = {}, nil
for number, band in ipairs({ 'h', 'n', 'l' }) do
  local low = number == 1 and '-inf' or string.format('%.0f', (number - 1) * 1e15)
  local high = string.format('(%.0f', number * 1e15)
  local flows = KEYS[1] .. 'flows:' .. band
  local first = redis.call('LINDEX', flows, 0)
  local back = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'back', low, high, 'LIMIT', 0, 1)[1]
  local next = back or first and redis.call('LINDEX', KEYS[1] .. 'ready:' .. first, 0)
  if next and #ids == 0 then ids[1] = next end
  local line = redis.call('LINDEX', flows, -1)
  last = line and redis.call('LINDEX', KEYS[1] .. 'ready:' .. line, -1)
    or redis.call('ZREVRANGEBYSCORE', KEYS[1] .. 'back', high, low, 'LIMIT', 0, 1)[1] or last
end
if last and last ~= ids[1] then ids[2] = last end
return ids

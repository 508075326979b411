-- Not a script: begins those that count.
local function readyCount()
  local sum, known = redis.call('ZCARD', KEYS[1] .. 'back'), {}
  for _, band in ipairs({ 'h', 'n', 'l' }) do
    for _, line in ipairs(redis.call('LRANGE', KEYS[1] .. 'flows:' .. band, 0, -1)) do
      -- One that was deleted and began anew has its turn twice.
      if not known[line] then sum = sum + redis.call('LLEN', KEYS[1] .. 'ready:' .. line) end
      known[line] = true
    end
  end
  return sum
end

local function leasedCount()
  local sum = 0
  for _, token in ipairs(redis.call('ZRANGE', KEYS[1] .. 'leases', 0, -1)) do
    sum = sum + redis.call('SCARD', KEYS[1] .. 'held:' .. token)
  end
  return sum
end


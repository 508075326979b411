-- Lists jobs of one state, in the order in which they will be moved; dead ones newest first. An id without a record is left out.
-- KEYS    1 the queue
-- ARGV    1 "ready", "leased", "delayed" or "dead"  2 offset  3 most jobs
-- returns 1 now in ms; then for each job id, record, when it is due or was buried or its lease ends (or ""), token or reason
--         (or "", or nil for a reason that is not there any more), leases lost (or "")
local time = redis.call('TIME')
local result = { time[1] * 1000 + math.floor(time[2] / 1000) }
local offset, most = tonumber(ARGV[2]), tonumber(ARGV[3])

local function add(id, score, detail)
  most = most - 1
  local record = redis.call('HGET', KEYS[1] .. 'jobs', id)
  if not record then return end
  local row = { id, record, score, detail, redis.call('HGET', KEYS[1] .. 'crashes', id) or '' }
  for i = 1, 5 do result[#result + 1] = row[i] end
end

-- The lines of a band, which take turns: in each round every line gives one as long as it has any.
local function addLines(lines)
  local alive, round = {}, 0
  for _, line in ipairs(lines) do
    alive[#alive + 1] = { key = KEYS[1] .. 'ready:' .. line, length = redis.call('LLEN', KEYS[1] .. 'ready:' .. line) }
  end
  while #alive > 0 and most > 0 do
    -- Rounds until the next line ends; those that the offset skips are skipped together.
    local shortest = alive[1].length
    for _, line in ipairs(alive) do shortest = math.min(shortest, line.length) end
    local rounds = math.min(shortest - round, math.floor(offset / #alive))
    offset, round = offset - rounds * #alive, round + rounds
    if round < shortest then
      local last = math.min(shortest - 1, round + math.ceil((offset + most) / #alive))
      for _, line in ipairs(alive) do line.ids = redis.call('LRANGE', line.key, round, last) end
      for i = 1, last - round + 1 do
        for _, line in ipairs(alive) do
          if offset > 0 then
            offset = offset - 1
          elseif most > 0 and line.ids[i] then
            add(line.ids[i], '', '')
          end
        end
      end
      round = last + 1
    end
    local others = {}
    for _, line in ipairs(alive) do
      if line.length > round then others[#others + 1] = line end
    end
    alive = others
  end
end

if ARGV[1] == 'ready' then
  for number, band in ipairs({ 'h', 'n', 'l' }) do
    local low = number == 1 and '-inf' or string.format('%.0f', (number - 1) * 1e15)
    local high = string.format('(%.0f', number * 1e15)
    local back = redis.call('ZCOUNT', KEYS[1] .. 'back', low, high)
    if most > 0 and offset < back then
      local ids = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'back', low, high, 'LIMIT', offset, most)
      for _, id in ipairs(ids) do add(id, '', '') end
    end
    offset = math.max(0, offset - back)
    addLines(redis.call('LRANGE', KEYS[1] .. 'flows:' .. band, 0, -1))
  end
elseif ARGV[1] == 'leased' then
  local leases = redis.call('ZRANGE', KEYS[1] .. 'leases', 0, -1, 'WITHSCORES')
  for i = 1, #leases, 2 do
    if most == 0 then break end
    local size = redis.call('SCARD', KEYS[1] .. 'held:' .. leases[i])
    if offset < size then
      local ids = heldInOrder(leases[i])
      for number = offset + 1, math.min(size, offset + most) do add(ids[number], leases[i + 1], leases[i]) end
    end
    offset = math.max(0, offset - size)
  end
else
  local set, command = KEYS[1] .. ARGV[1], ARGV[1] == 'dead' and 'ZREVRANGE' or 'ZRANGE'
  local found = redis.call(command, set, offset, offset + most - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    local reason = ''
    if ARGV[1] == 'dead' then reason = redis.call('HGET', KEYS[1] .. 'reasons', found[i]) end
    add(found[i], found[i + 1], reason)
  end
end
return result

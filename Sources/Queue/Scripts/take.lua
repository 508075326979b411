-- Not a script: begins claim.
local band15 = { h = 0, n = 1e15, l = 2e15 }
-- How many lines a band has, as far as it is known.
local lines = {}

local function backCount(band)
  return redis.call(
    'ZCOUNT', KEYS[1] .. 'back', string.format('%.0f', band15[band]), string.format('(%.0f', band15[band] + 1e15))
end

-- Takes up to `most` jobs of one band into `ids`: first those given back, whose places it notes, then those of the lines, which
-- take turns. Returns how many it took.
local function take(band, most, ids, places)
  local taken = 0
  if places then
    local low = band15[band]
    local found = redis.call(
      'ZRANGE', KEYS[1] .. 'back', low == 0 and '-inf' or string.format('%.0f', low),
      low == 2e15 and '+inf' or string.format('(%.0f', low + 1e15), 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
    for i = 1, #found, 2 do
      redis.call('ZREM', KEYS[1] .. 'back', found[i])
      ids[#ids + 1] = found[i]
      places[#ids] = tonumber(found[i + 1])
    end
    taken = #found / 2
  end

  local flows = KEYS[1] .. 'flows:' .. band
  while taken < most do
    local want = most - taken
    local count = lines[band] or redis.call('LLEN', flows)
    lines[band] = nil
    if count == 0 then break end
    local lines = redis.call('LRANGE', flows, 0, want - 1)
    local again, rest = {}, {}
    if count == 1 or count >= want then
      -- One line gives all, or each of the first gives one.
      local each = count == 1 and want or 1
      for _, line in ipairs(lines) do
        local got = redis.call('LPOP', KEYS[1] .. 'ready:' .. line, each) or {}
        for i = 1, #got do ids[#ids + 1] = got[i] end
        taken = taken + #got
        if #got == each and redis.call('EXISTS', KEYS[1] .. 'ready:' .. line) == 1 then again[#again + 1] = line end
      end
      if #again < count or count > 1 then redis.call('LPOP', flows, #lines) else again = {} end
    else
      -- Whole rounds in which each line gives one as long as it has any, then one more each of the first.
      local lengths, sorted = {}, {}
      for i, line in ipairs(lines) do
        lengths[i] = redis.call('LLEN', KEYS[1] .. 'ready:' .. line)
        sorted[i] = lengths[i]
      end
      table.sort(sorted)
      local rounds, left = 0, want
      for i, length in ipairs(sorted) do
        local some = (length - rounds) * (#sorted - i + 1)
        if some > left then
          local whole = math.floor(left / (#sorted - i + 1))
          rounds, left = rounds + whole, left - whole * (#sorted - i + 1)
          break
        end
        rounds, left = length, left - some
      end
      local giving = {}
      for i, line in ipairs(lines) do
        local quota = math.min(lengths[i], rounds)
        local isFirst = lengths[i] > rounds and left > 0
        if isFirst then
          quota = quota + 1
          left = left - 1
        end
        if quota > 0 then giving[#giving + 1] = redis.call('LPOP', KEYS[1] .. 'ready:' .. line, quota) or {} end
        if lengths[i] > quota then
          -- The turn goes on behind the last that gave one more.
          local to = isFirst and rest or again
          to[#to + 1] = line
        end
      end
      local round = 1
      while #giving > 0 do
        local others = {}
        for _, got in ipairs(giving) do
          if got[round] then
            ids[#ids + 1] = got[round]
            taken = taken + 1
            others[#others + 1] = got
          end
        end
        giving, round = others, round + 1
      end
      redis.call('DEL', flows)
      for _, line in ipairs(rest) do again[#again + 1] = line end
    end
    if #again > 0 then redis.call('RPUSH', flows, unpack(again)) end
  end
  return taken
end


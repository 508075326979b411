-- Asks for sends to one provider: each goes at once, or is told when to come back. Nothing is promised to who waits,
-- but everyone gets a place of his own on one line, so that those who come back do not come together.
-- KEYS    1 slots  2 state  3 costs
-- ARGV    1 most slots  2 us between sends, 0 for no limit  3 slot's life in ms  4 longest reserved wait in ms
--         5 probe's life in ms  6 ms between balance probes  7 "1" while paused by a person  8 pause in ms
--         9 ms after which one send of a product is tried though the balance seems too low
--         then for each: token, product, what the catalogue asks for it (or empty), flags: "u" urgent (not on the line), "l" last try (wants a place when full),
--         "x" shut out (its process is full), "e" its stock is empty (as if there were no money)
-- returns mode, version, ms until the next probe, probe to make now ("o" outage, "b" balance, "" none), how many sends the
--         ledger has noted,
--         then for each: letter, ms: "g" go after ms, and for wait ms: "s" slots, "r" rate, "o" outage, "b" balance,
--         "p" paused. ms is -1 when no place was taken
local stepMax, outageStepMin, lineMax, again, emptyPause = 1000, 5, 600000, 500, 5000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local micros = time[1] * 1000000 + time[2]
local most, interval, life = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local reserved = tonumber(ARGV[4])

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
-- What a clock of Redis that went back left further ahead than anything is planned must not close a provider.
local openMax = 120000
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + life + reserved + openMax, '+inf')
local used = redis.call('ZCARD', KEYS[1])
local state = redis.call('HMGET', KEYS[2], 'mode', 'version', 'until', 'limit', 'next', 'line', 'hold', 'balance',
  'probe_ends', 'balance_probe', 'noted')
local mode, version = state[1] or 'closed', tonumber(state[2] or 0)
local opens, limit = tonumber(state[3] or 0), tonumber(state[4] or 0)
if opens > now + openMax then opens = now end
local start = math.min(tonumber(state[5] or 0), micros + reserved * 1000 + interval)
local line = tonumber(state[6] or 0)
if line > now + lineMax then line = now end
local balance = tonumber(state[8] or '')
local probeEnds = math.min(tonumber(state[9] or 0), now + tonumber(ARGV[5]))
local balanceProbe = math.min(tonumber(state[10] or 0), now + tonumber(ARGV[6]))
if mode == 'ramp' then most = math.min(most, limit) end

-- From one place to the next: as fast as the provider has been answering; slower while all that come are sent away.
local step = tonumber(state[7] or 250) / tonumber(ARGV[1])
step = math.min(math.max(step, interval / 1000, mode == 'open' and outageStepMin or 1), stepMax)
local function place(from, isUrgent)
  if isUrgent then return math.ceil(from - now) end
  line = math.max(line, from) + step
  return math.ceil(line - now)
end

local probe, results = '', {}
if mode == 'open' and now >= opens and now >= probeEnds then
  probe, probeEnds = 'o', now + tonumber(ARGV[5])
end
local slots = {}
for i = 10, #ARGV, 4 do
  local product, flags = ARGV[i + 1], ARGV[i + 3]
  local isUrgent = string.find(flags, 'u', 1, true) ~= nil
  local isEmpty = string.find(flags, 'e', 1, true) ~= nil
  local letter, wait
  -- "!": the balance at which the provider said that it is too low; "?": since when sends wait, or the last one was
  -- tried, and what the product costs; "@": since when sends wait.
  local price = redis.call('HMGET', KEYS[3], product, '!' .. product, '?' .. product, '@' .. product)
  local cost, short = tonumber(price[1] or ARGV[i + 2]), tonumber(price[2] or '')
  local isShort = balance and (cost and balance < cost or short and balance <= short)
  local isTry, comes = false, balanceProbe
  if isShort then
    local since = math.min(tonumber(string.match(price[3] or '', '^%d+') or now), now)
    -- What it costs may have fallen, or been wrong once: a refusal costs nothing.
    -- Where the balance covers what it costs, the provider contradicts itself, and is tried again sooner.
    local pause = tonumber(ARGV[9])
    if cost and balance >= cost then pause = pause / 6 end
    isTry = balance > 0 and now - since >= pause
    if balance > 0 then comes = math.min(balanceProbe, since + pause) end
    if not price[3] then redis.call('HSET', KEYS[3], '?' .. product, since .. ' ' .. (cost or '')) end
  elseif price[3] then
    redis.call('HDEL', KEYS[3], '?' .. product)
  end
  if isShort or isEmpty then
    if not price[4] then redis.call('HSET', KEYS[3], '@' .. product, now) end
  elseif price[4] then
    redis.call('HDEL', KEYS[3], '@' .. product)
  end
  if ARGV[7] == '1' then
    letter, wait = 'p', place(now + tonumber(ARGV[8]), isUrgent)
  elseif mode == 'open' then
    letter, wait = 'o', place(math.max(opens, now + again), isUrgent)
  elseif isEmpty then
    letter, wait = 'b', place(now + emptyPause, isUrgent)
  elseif isShort and not isTry then
    if now >= balanceProbe then
      probe, balanceProbe = 'b', now + tonumber(ARGV[6])
      letter, wait = 'b', place(now + again, isUrgent)
    else
      letter, wait = 'b', place(math.max(comes, now + again), isUrgent)
    end
  elseif used >= most or string.find(flags, 'x', 1, true) then
    letter, wait = 's', -1
    if string.find(flags, 'l', 1, true) then wait = place(now + again, isUrgent) end
  else
    local delay = math.max(start - micros, 0) / 1000
    if interval > 0 and delay > reserved then
      letter, wait = 'r', place(now + delay, isUrgent)
    else
      letter, wait = 'g', math.ceil(delay)
      if interval > 0 then start = math.max(start, micros) + interval end
      used = used + 1
      if isTry then redis.call('HSET', KEYS[3], '?' .. product, now .. ' ' .. (cost or '')) end
      slots[#slots + 1] = now + life + wait
      slots[#slots + 1] = ARGV[i]
    end
  end
  results[#results + 1] = letter
  results[#results + 1] = wait
end

if #slots > 0 then redis.call('ZADD', KEYS[1], unpack(slots)) end
redis.call('HSET', KEYS[2], 'next', string.format('%.0f', start), 'line', string.format('%.3f', line), 'probe_ends',
  string.format('%.0f', probeEnds), 'balance_probe', string.format('%.0f', balanceProbe))
return { mode, version, math.max(opens - now, 0), probe, tonumber(state[11] or 0), unpack(results) }

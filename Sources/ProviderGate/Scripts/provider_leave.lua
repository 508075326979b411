-- Gives slots back and notes what the sends brought.
-- KEYS    1 slots  2 state  3 costs  4 signs  5 ledger  6 answers  7 odd
--         (Programs from before there were flows keep outcomes of another form, under another key.)
-- ARGV    1 ms for which flows are remembered
--         then for each: token, version at entry, sends noted at entry, letter ("a" accepted, "r" refused, "u" unknown, "q" unknown, and
--         answered as if the request were at fault, "n" not sent, "-" nothing was sent), ms it took, product, cost,
--         balance (ten-thousandths, or empty), what went wrong, flow
-- returns mode, version, limit, answers since the last change, pause in ms,
--         the last outcomes, which are the signs, newest first, three values each: "1" answered or "0" not, ms since, flow
--         the flows that are remembered, three values each: name, ms since an answer or -1, "q" in a row
local outcomesMax, ledgerMax = 20, 1000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local memory = tonumber(ARGV[1])
local state = redis.call('HMGET', KEYS[2], 'mode', 'version', 'limit', 'passed', 'pause', 'hold', 'noted')
local version, passed, hold = tonumber(state[2] or 0), tonumber(state[4] or 0), tonumber(state[6] or '')
local noted = tonumber(state[7] or 0)

-- How many in a row, and ms since the last: 0 when that was too long ago, by whatever clock.
local function odds(text)
  local count, at = string.match(text or '', '^(%d+) (%d+)$')
  local age = at and now - tonumber(at)
  if not age or age < 0 or age > memory then return 0 end
  return tonumber(count)
end

-- An accepted send says how many others are under way or, where none is, how many were noted since it began, below zero:
-- programs from before take that for none under way, as they always did.
local function others(from)
  local count = redis.call('ZCARD', KEYS[1])
  if count > 0 then return count end
  -- Where Redis has lost the count meanwhile, all of it is new.
  return from > noted and -noted or from - noted
end

for i = 2, #ARGV, 10 do
  redis.call('ZREM', KEYS[1], ARGV[i])
  local letter, product, cost, balance, flow = ARGV[i + 3], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7], ARGV[i + 9]
  if letter ~= '-' then
    local answered = letter == 'a' or letter == 'r'
    -- A send that began before the last change says nothing about the time since.
    if tonumber(ARGV[i + 1]) == version then
      if letter == 'q' then
        redis.call('HSET', KEYS[7], flow, odds(redis.call('HGET', KEYS[7], flow)) + 1 .. ' ' .. now)
      else
        redis.call('LPUSH', KEYS[4], (answered and '1 ' or '0 ') .. now .. ' ' .. flow)
      end
      if answered then passed = passed + 1 end
    end
    if answered then
      local took = tonumber(ARGV[i + 4])
      hold = hold and hold * 0.9 + took * 0.1 or took
      redis.call('HSET', KEYS[6], flow, now)
      redis.call('HDEL', KEYS[7], flow)
    else
      redis.call('HSET', KEYS[2], 'error', ARGV[i + 8], 'error_at', now)
    end
    if letter == 'a' then
      if cost ~= '' then redis.call('HSET', KEYS[3], product, cost, '$' .. product, now) end
      redis.call('HDEL', KEYS[3], '!' .. product, '?' .. product, '@' .. product)
      if balance ~= '' then redis.call('HSET', KEYS[2], 'balance', balance, 'balance_at', now) end
      redis.call('RPUSH', KEYS[5], 'a ' .. others(tonumber(ARGV[i + 2])) .. ' ' .. (cost == '' and '-' or cost) .. ' '
        .. (balance == '' and '-' or balance))
      noted = noted + 1
    elseif letter ~= 'n' then
      -- A refusal too: panels have been seen that refuse what they booked.
      redis.call('RPUSH', KEYS[5], 'u 0 - -')
      noted = noted + 1
    end
  end
end

redis.call('LTRIM', KEYS[4], 0, outcomesMax - 1)
redis.call('LTRIM', KEYS[5], -ledgerMax, -1)
redis.call('HSET', KEYS[2], 'passed', passed, 'noted', noted)
if hold then redis.call('HSET', KEYS[2], 'hold', string.format('%.3f', hold)) end

local outcomes, flows, known = {}, {}, {}
for _, outcome in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
  local digit, at, flow = string.match(outcome, '^(%d) (%d+) ?(.*)$')
  if digit then
    outcomes[#outcomes + 1] = digit
    outcomes[#outcomes + 1] = math.max(now - tonumber(at), 0)
    outcomes[#outcomes + 1] = flow
  end
end
local function remember(flow, ago, count)
  known[flow] = true
  flows[#flows + 1] = flow
  flows[#flows + 1] = ago
  flows[#flows + 1] = count
end
local answers = redis.call('HGETALL', KEYS[6])
for i = 1, #answers, 2 do
  local ago = now - tonumber(answers[i + 1])
  if ago < 0 or ago > memory then
    redis.call('HDEL', KEYS[6], answers[i])
  else
    remember(answers[i], ago, odds(redis.call('HGET', KEYS[7], answers[i])))
  end
end
local odd = redis.call('HGETALL', KEYS[7])
for i = 1, #odd, 2 do
  local count = odds(odd[i + 1])
  if count == 0 then
    redis.call('HDEL', KEYS[7], odd[i])
  elseif not known[odd[i]] then
    remember(odd[i], -1, count)
  end
end
return { state[1] or 'closed', version, tonumber(state[3] or 0), passed, tonumber(state[5] or 0), outcomes, flows }

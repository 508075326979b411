-- Gives slots back and notes what the sends brought.
-- KEYS    1 slots  2 state  3 costs  4 outcomes  5 ledger
-- ARGV    for each: token, version at entry, letter ("a" accepted, "r" refused, "u" unknown, "n" not sent, "-" nothing
--         was sent), ms it took, product, cost, balance (ten-thousandths, or empty), what went wrong
-- returns mode, version, limit, answers since the last change, pause in ms, then for each of the last outcomes, newest
--         first: "1" answered or "0" not, ms since
local outcomesMax, ledgerMax = 20, 1000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[2], 'mode', 'version', 'limit', 'passed', 'pause', 'hold')
local version, passed, hold = tonumber(state[2] or 0), tonumber(state[4] or 0), tonumber(state[6] or '')

for i = 1, #ARGV, 8 do
  redis.call('ZREM', KEYS[1], ARGV[i])
  local letter, product, cost, balance = ARGV[i + 2], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6]
  if letter ~= '-' then
    local answered = letter == 'a' or letter == 'r'
    -- A send that began before the last change says nothing about the time since.
    if tonumber(ARGV[i + 1]) == version then
      redis.call('LPUSH', KEYS[4], (answered and '1 ' or '0 ') .. now)
      if answered then passed = passed + 1 end
    end
    if answered then
      local took = tonumber(ARGV[i + 3])
      hold = hold and hold * 0.9 + took * 0.1 or took
    else
      redis.call('HSET', KEYS[2], 'error', ARGV[i + 7], 'error_at', now)
    end
    if letter == 'a' then
      if cost ~= '' then redis.call('HSET', KEYS[3], product, cost) end
      redis.call('HDEL', KEYS[3], '!' .. product, '?' .. product)
      if balance ~= '' then redis.call('HSET', KEYS[2], 'balance', balance, 'balance_at', now) end
      redis.call('RPUSH', KEYS[5], 'a ' .. redis.call('ZCARD', KEYS[1]) .. ' ' .. (cost == '' and '-' or cost) .. ' '
        .. (balance == '' and '-' or balance))
    elseif letter == 'u' then
      redis.call('RPUSH', KEYS[5], 'u 0 - -')
    end
  end
end

redis.call('LTRIM', KEYS[4], 0, outcomesMax - 1)
redis.call('LTRIM', KEYS[5], -ledgerMax, -1)
redis.call('HSET', KEYS[2], 'passed', passed)
if hold then redis.call('HSET', KEYS[2], 'hold', string.format('%.3f', hold)) end
local reply = { state[1] or 'closed', version, tonumber(state[3] or 0), passed, tonumber(state[5] or 0) }
for _, outcome in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
  reply[#reply + 1] = string.sub(outcome, 1, 1)
  reply[#reply + 1] = math.max(now - tonumber(string.sub(outcome, 3)), 0)
end
return reply

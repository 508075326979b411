-- Moves leased jobs to delayed, each with a new record. Whoever ran them lived, so their crashes are forgotten.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    1 how the history counts them  2 "1" when nobody ran them: then crashes are kept
--         then for each token: token, how many, their ids, their records, their delays in ms
-- returns one digit a job: "1" delayed, "0" the lease is lost and nothing changed
local results, sum, earliest, at = {}, 0, nil, 3
local first = redis.call('ZRANGE', KEYS[1] .. 'delayed', 0, 0, 'WITHSCORES')[2]
while ARGV[at] do
  local token, size = ARGV[at], tonumber(ARGV[at + 1])
  local digits, mine = held(token, { unpack(ARGV, at + 2, at + 1 + size) })
  results[#results + 1] = digits
  if #mine > 0 then
    local rows, delayed = {}, {}
    for i = 1, size do
      if string.sub(digits, i, i) == '1' then
        local id, due = ARGV[at + 1 + i], now + tonumber(ARGV[at + 1 + size * 2 + i])
        rows[#rows + 1] = id
        rows[#rows + 1] = ARGV[at + 1 + size + i]
        delayed[#delayed + 1] = due
        delayed[#delayed + 1] = id
        if not earliest or due < earliest then earliest = due end
      end
    end
    redis.call('HSET', KEYS[1] .. 'jobs', unpack(rows))
    redis.call('ZADD', KEYS[1] .. 'delayed', unpack(delayed))
    if ARGV[2] ~= '1' then redis.call('HDEL', KEYS[1] .. 'crashes', unpack(mine)) end
    letGo(token, mine, true)
    sum = sum + #mine
  end
  at = at + 2 + size * 3
end
if earliest and (not first or earliest < tonumber(first)) then redis.call('ZADD', KEYS[1] .. 'due-wake', 0, '1') end
count(now, ARGV[1], sum)
return table.concat(results)

-- Moves leased jobs to delayed, each with a new record. Whoever ran them lived, so their crashes are forgotten.
-- KEYS    1 jobs  2 leases  3 owners  4 delayed  5 due-wake  6 crashes  7 history, without the minute
-- ARGV    1 how the history counts them  2 "1" when nobody ran them: then crashes are kept
--         then token, id, delay in ms, record: for each job
-- returns one digit a job: "1" delayed, "0" the lease is lost and nothing changed
local jobs = (#ARGV - 2) / 4
local ids = {}
for i = 1, jobs do ids[i] = ARGV[i * 4] end
local held = holder(KEYS[3], ids)

local results, moved, rows, delayed, earliest = {}, {}, {}, {}, nil
for i = 1, jobs do
  if held(i, ARGV[i * 4 - 1]) then
    local due = now + tonumber(ARGV[i * 4 + 1])
    results[i] = '1'
    moved[#moved + 1] = ids[i]
    rows[#rows + 1] = ids[i]
    rows[#rows + 1] = ARGV[i * 4 + 2]
    delayed[#delayed + 1] = due
    delayed[#delayed + 1] = ids[i]
    if not earliest or due < earliest then earliest = due end
  else
    results[i] = '0'
  end
end
if #moved > 0 then
  local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')[2]
  if not first or earliest < tonumber(first) then redis.call('ZADD', KEYS[5], 0, '1') end
  redis.call('HSET', KEYS[1], unpack(rows))
  redis.call('ZREM', KEYS[2], unpack(moved))
  redis.call('HDEL', KEYS[3], unpack(moved))
  redis.call('ZADD', KEYS[4], unpack(delayed))
  if ARGV[2] ~= '1' then redis.call('HDEL', KEYS[6], unpack(moved)) end
  count(KEYS[7], now, ARGV[1], #moved)
end
return table.concat(results)

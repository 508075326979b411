-- Moves leased jobs to the dead set, each with a reason. One without a record is dropped as lost.
-- KEYS    1 jobs  2 leases  3 owners  4 crashes  5 dead  6 reasons  7 history, without the minute
-- ARGV    token, id, reason: for each job
-- returns one digit a job: "1" buried, "0" the lease is lost and nothing changed
local jobs = #ARGV / 3
local ids = {}
for i = 1, jobs do ids[i] = ARGV[i * 3 - 1] end
local held = holder(KEYS[3], ids)

local results, moved, buried = {}, {}, 0
for i = 1, jobs do
  results[i] = '0'
  if held(i, ARGV[i * 3 - 2]) then
    moved[#moved + 1] = ids[i]
    if redis.call('HEXISTS', KEYS[1], ids[i]) == 1 then
      results[i] = '1'
      buried = buried + 1
      redis.call('ZADD', KEYS[5], now, ids[i])
      redis.call('HSET', KEYS[6], ids[i], ARGV[i * 3])
    end
  end
end
if #moved > 0 then
  redis.call('ZREM', KEYS[2], unpack(moved))
  redis.call('HDEL', KEYS[3], unpack(moved))
  redis.call('HDEL', KEYS[4], unpack(moved))
  count(KEYS[7], now, 'dead', buried)
end
return table.concat(results)

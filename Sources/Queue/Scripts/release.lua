-- Gives leased jobs back to ready, at the place they were claimed from. One without a record is dropped as lost.
-- KEYS    1 jobs  2 leases  3 owners  4 ready  5 wake  6 history, without the minute
-- ARGV    token, id: for each job
-- returns one digit a job: "1" released, "0" the lease is lost and nothing changed
local jobs = #ARGV / 2
local ids = {}
for i = 1, jobs do ids[i] = ARGV[i * 2] end
local held = holder(KEYS[3], ids)

local results, moved, ready = {}, {}, {}
for i = 1, jobs do
  results[i] = '0'
  local place = held(i, ARGV[i * 2 - 1])
  if place then
    moved[#moved + 1] = ids[i]
    if redis.call('HEXISTS', KEYS[1], ids[i]) == 1 then
      results[i] = '1'
      ready[#ready + 1] = place
      ready[#ready + 1] = ids[i]
    end
  end
end
if #moved > 0 then
  redis.call('ZREM', KEYS[2], unpack(moved))
  redis.call('HDEL', KEYS[3], unpack(moved))
end
if #ready > 0 then
  redis.call('ZADD', KEYS[4], unpack(ready))
  redis.call('ZADD', KEYS[5], 0, '1')
  count(KEYS[6], now, 'released', #ready / 2)
end
return table.concat(results)

-- Ends leased jobs: they are gone.
-- KEYS    1 jobs  2 leases  3 owners  4 crashes  5 history, without the minute
-- ARGV    token, id: for each job
-- returns one digit a job: "1" done, "0" the lease is lost and nothing changed
local jobs = #ARGV / 2
local ids = {}
for i = 1, jobs do ids[i] = ARGV[i * 2] end
local held = holder(KEYS[3], ids)

local results, done = {}, {}
for i = 1, jobs do
  if held(i, ARGV[i * 2 - 1]) then
    results[i] = '1'
    done[#done + 1] = ids[i]
  else
    results[i] = '0'
  end
end
if #done > 0 then
  redis.call('HDEL', KEYS[1], unpack(done))
  redis.call('ZREM', KEYS[2], unpack(done))
  redis.call('HDEL', KEYS[3], unpack(done))
  redis.call('HDEL', KEYS[4], unpack(done))
  count(KEYS[5], now, 'done', #done)
end
return table.concat(results)

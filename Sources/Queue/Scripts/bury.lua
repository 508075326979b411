-- Moves leased jobs to the dead set, each with a reason. One without a record is dropped as lost.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    for each token: token, how many, their ids, their reasons
-- returns one digit a job: "1" buried, "0" the lease is lost and nothing changed
local results, sum, at = {}, 0, 1
while ARGV[at] do
  local token, size = ARGV[at], tonumber(ARGV[at + 1])
  local digits, mine = held(token, { unpack(ARGV, at + 2, at + 1 + size) })
  for i = 1, size do
    local result = string.sub(digits, i, i)
    local id = ARGV[at + 1 + i]
    if result == '1' then
      if redis.call('HEXISTS', KEYS[1] .. 'jobs', id) == 1 then
        redis.call('ZADD', KEYS[1] .. 'dead', now, id)
        redis.call('HSET', KEYS[1] .. 'reasons', id, ARGV[at + 1 + size + i])
        sum = sum + 1
      else
        result = '0'
      end
    end
    results[#results + 1] = result
  end
  if #mine > 0 then
    redis.call('HDEL', KEYS[1] .. 'crashes', unpack(mine))
    letGo(token, mine)
  end
  at = at + 2 + size * 2
end
count(now, 'dead', sum)
return table.concat(results)

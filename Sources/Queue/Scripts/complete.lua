-- Ends leased jobs: they are gone.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    for each token: token, how many, their ids
-- returns one digit a job: "1" done, "0" the lease is lost and nothing changed
local results, sum, at = {}, 0, 1
while ARGV[at] do
  local token, size = ARGV[at], tonumber(ARGV[at + 1])
  local digits, mine = held(token, { unpack(ARGV, at + 2, at + 1 + size) })
  results[#results + 1] = digits
  if #mine > 0 then
    redis.call('HDEL', KEYS[1] .. 'jobs', unpack(mine))
    if redis.call('EXISTS', KEYS[1] .. 'crashes') == 1 then redis.call('HDEL', KEYS[1] .. 'crashes', unpack(mine)) end
    letGo(token, mine, true)
    sum = sum + #mine
  end
  at = at + 2 + size
end
count(now, 'done', sum)
return table.concat(results)

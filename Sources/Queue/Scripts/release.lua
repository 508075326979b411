-- Gives leased jobs back to ready, at the place they were claimed from. One without a record is dropped as lost.
-- KEYS    1 the queue  2 what all layouts share
-- ARGV    for each token: token, how many, their ids
-- returns one digit a job: "1" released, "0" the lease is lost and nothing changed
local results, sum, at = {}, 0, 1
while ARGV[at] do
  local token, size = ARGV[at], tonumber(ARGV[at + 1])
  local digits, mine = held(token, { unpack(ARGV, at + 2, at + 1 + size) })
  if #mine > 0 then
    local records, given = giveBack(token, mine)
    local known = 0
    digits = string.gsub(digits, '1', function()
      known = known + 1
      return records[known] and '1' or '0'
    end)
    sum = sum + given
  end
  results[#results + 1] = digits
  at = at + 2 + size
end
count(now, 'released', sum)
return table.concat(results)

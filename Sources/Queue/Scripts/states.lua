-- Tells where jobs are. One without a record counts as not there.
-- KEYS    1 jobs  2 ready  3 delayed  4 leases  5 dead
-- ARGV    id: for each job
-- returns one letter a job: "r" ready, "d" delayed, "l" leased, "x" dead, "-" not there
local letters = { 'r', 'd', 'l', 'x' }
local results = {}
for i, id in ipairs(ARGV) do
  results[i] = '-'
  if redis.call('HEXISTS', KEYS[1], id) == 1 then
    for set = 1, 4 do
      if redis.call('ZSCORE', KEYS[set + 1], id) then
        results[i] = letters[set]
        break
      end
    end
  end
end
return table.concat(results)

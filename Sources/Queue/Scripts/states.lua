-- Tells where jobs are. One without a record counts as not there.
-- KEYS    1 the queue
-- ARGV    id: for each job
-- returns one letter a job: "r" ready, "d" delayed, "l" leased, "x" dead, "-" not there
local results = {}
for i, id in ipairs(ARGV) do
  results[i] = redis.call('HEXISTS', KEYS[1] .. 'jobs', id) == 1 and state(id) or '-'
end
return table.concat(results)

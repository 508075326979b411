-- Finds jobs that have a record and are not seen anywhere but, perhaps, in a line: the first look at a damaged queue.
-- KEYS    1 the queue
-- ARGV    1 where to go on: "0" at first  2 about how many to look at
-- returns 1 where to go on, "0" at the end  2… ids
local page = redis.call('HSCAN', KEYS[1] .. 'jobs', ARGV[1], 'COUNT', ARGV[2])
local result = { page[1] }
for i = 1, #page[2], 2 do
  local id = page[2][i]
  if state(id) == 'r' and not redis.call('ZSCORE', KEYS[1] .. 'back', id) then result[#result + 1] = id end
end
return result

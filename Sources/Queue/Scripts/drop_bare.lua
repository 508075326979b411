-- Drops ids that have a place and no record.
-- KEYS    1 the queue
-- ARGV    1 the name of a sorted set  2 where to go on: "0" at first  3 about how many to look at
-- returns where to go on, "0" at the end
local set = KEYS[1] .. ARGV[1]
local page = redis.call('ZSCAN', set, ARGV[2], 'COUNT', ARGV[3])
local ids = {}
for i = 1, #page[2], 2 do ids[#ids + 1] = page[2][i] end
if #ids > 0 then
  local records = redis.call('HMGET', KEYS[1] .. 'jobs', unpack(ids))
  for i, id in ipairs(ids) do
    if not records[i] then redis.call('ZREM', set, id) end
  end
end
return page[1]

-- Moves due jobs from delayed to the ends of their lines, in the order in which they are due. An id without a record is dropped.
-- KEYS    1 the queue
-- ARGV    1 most jobs
-- returns 1 how many were moved  2 ms until the next is due: 0 when one is already, -1 when there is none
--         3 ms since the first of the moved was due, -1 when none was moved
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local delayed = KEYS[1] .. 'delayed'
local ids = redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, ARGV[1])
local moved, late = 0, -1
if #ids > 0 then
  local records = redis.call('HMGET', KEYS[1] .. 'jobs', unpack(ids))
  local lines, members = {}, {}
  for i, id in ipairs(ids) do
    if records[i] then
      local line = lineOf(records[i])
      if not members[line] then
        lines[#lines + 1] = line
        members[line] = {}
      end
      members[line][#members[line] + 1] = id
      moved = moved + 1
    end
  end
  late = moved > 0 and now - redis.call('ZSCORE', delayed, ids[1]) or -1
  redis.call('ZREM', delayed, unpack(ids))
  for _, line in ipairs(lines) do joinLine(line, members[line]) end
  if moved > 0 then redis.call('ZADD', KEYS[1] .. 'wake', 0, '1') end
end
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
return { moved, first and math.max(0, tonumber(first) - now) or -1, late }

-- Puts jobs that have a record and no place to the end of their lines, and lines that nobody would look at back among those that
-- take turns. Drops what is left of claims whose lease is gone.
-- KEYS    1 the queue
-- ARGV    ids
-- returns how many had no place
for _, token in ipairs(redis.call('HKEYS', KEYS[1] .. 'claims')) do
  if not redis.call('ZSCORE', KEYS[1] .. 'leases', token) then
    redis.call('DEL', KEYS[1] .. 'held:' .. token)
    redis.call('HDEL', KEYS[1] .. 'claims', token)
  end
end
-- A line that was deleted and began anew has its turn twice.
for _, band in ipairs({ 'h', 'n', 'l' }) do
  local flows, once, known = KEYS[1] .. 'flows:' .. band, {}, {}
  local lines = redis.call('LRANGE', flows, 0, -1)
  for _, line in ipairs(lines) do
    if not known[line] and redis.call('EXISTS', KEYS[1] .. 'ready:' .. line) == 1 then once[#once + 1] = line end
    known[line] = true
  end
  if #once < #lines then
    redis.call('DEL', flows)
    -- One by one: there may be more lines than Lua unpacks.
    for _, line in ipairs(once) do redis.call('RPUSH', flows, line) end
  end
end
local mended = 0
for _, id in ipairs(ARGV) do
  local record = redis.call('HGET', KEYS[1] .. 'jobs', id)
  if record and state(id) == 'r' and not redis.call('ZSCORE', KEYS[1] .. 'back', id) then
    local line = lineOf(record)
    -- What came since the look stands near the end.
    if not redis.call('LPOS', KEYS[1] .. 'ready:' .. line, id, 'RANK', -1) then
      joinLine(line, { id })
      mended = mended + 1
    end
    local flows = KEYS[1] .. 'flows:' .. string.sub(line, 1, 1)
    if redis.call('EXISTS', KEYS[1] .. 'ready:' .. line) == 1 and not redis.call('LPOS', flows, line) then redis.call('RPUSH', flows, line) end
    redis.call('ZADD', KEYS[1] .. 'wake', 0, '1')
  end
end
return mended

-- Finds one job.
-- KEYS    1 jobs  2 ready  3 leases  4 delayed  5 dead  6 owners  7 reasons  8 crashes
-- ARGV    1 id
-- returns 1 now in ms; then, when there is one: state ("ready", …), id, record, score, owner or reason (or
--         ""), leases lost (or "")
local id = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = redis.call('HGET', KEYS[1], id)
if not record then return { now } end
for i, state in ipairs({ 'ready', 'leased', 'delayed', 'dead' }) do
  local score = redis.call('ZSCORE', KEYS[i + 1], id)
  if score then
    local detail = false
    if state == 'leased' then detail = redis.call('HGET', KEYS[6], id) end
    if state == 'dead' then detail = redis.call('HGET', KEYS[7], id) end
    return { now, state, id, record, score, detail or '', redis.call('HGET', KEYS[8], id) or '' }
  end
end
return { now }

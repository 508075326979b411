-- Finds one job.
-- KEYS    1 the queue
-- ARGV    1 id
-- returns 1 now in ms; then, when there is one: state ("ready", …), id, record, when it is due or was buried or its lease ends
--         (or ""), token or reason (or "", or nil for a reason that is not there any more), leases lost (or "")
local id = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = redis.call('HGET', KEYS[1] .. 'jobs', id)
if not record then return { now } end
local name, score, detail = 'ready', '', ''
local where = state(id)
if where == 'd' then
  name, score = 'delayed', redis.call('ZSCORE', KEYS[1] .. 'delayed', id)
elseif where == 'x' then
  name, score = 'dead', redis.call('ZSCORE', KEYS[1] .. 'dead', id)
  detail = redis.call('HGET', KEYS[1] .. 'reasons', id)
elseif where == 'l' then
  name, detail = 'leased', tokenOf(id)
  score = redis.call('ZSCORE', KEYS[1] .. 'leases', detail)
end
return { now, name, id, record, score, detail, redis.call('HGET', KEYS[1] .. 'crashes', id) or '' }

-- Not a script: begins those that add to ready. Inside the band of its priority, a job's place is a
-- moment on the band's own clock: right after the flow's last job, or now if that is past (start-time fair queuing). So
-- the flows of a band take turns, however many jobs one of them has waiting, and the jobs of a flow keep their order.
-- turns is a hash: "=" and the band → its clock, the last place that was claimed; the band and the flow → the flow's
-- last place; "=taken" → see claim. Who finds ready empty forgets all that and starts at seq, the last place ever given.
local bands = { h = 0, n = 1e15, l = 2e15 }

-- A function that gives a record its place, and one that keeps what was given, to be called after it.
local function placer(ready, turns, seq)
  local highest, clocks, ends = tonumber(redis.call('GET', seq) or 0), {}, {}
  if redis.call('EXISTS', ready) == 0 then redis.call('DEL', turns) end

  local function place(record)
    -- Records begin with both: "n17/4 …".
    local band = string.sub(record, 1, 1)
    if not bands[band] then band = 'n' end
    local flow = band .. string.sub(record, 3, (string.find(record, ' ', 3, true) or 3) - 1)
    local clock = clocks[band]
    if not clock then
      clock = tonumber(redis.call('HGET', turns, '=' .. band) or highest)
      clocks[band] = clock
    end
    ends[flow] = math.max(clock, ends[flow] or tonumber(redis.call('HGET', turns, flow) or 0)) + 1
    return bands[band] + ends[flow]
  end

  local function keep()
    local changes = {}
    local function change(field, value)
      changes[#changes + 1] = field
      changes[#changes + 1] = string.format('%.0f', value)
    end
    for band, clock in pairs(clocks) do change('=' .. band, clock) end
    for flow, last in pairs(ends) do
      change(flow, last)
      highest = math.max(highest, last)
    end
    redis.call('HSET', turns, unpack(changes))
    redis.call('SET', seq, string.format('%.0f', highest))
  end

  return place, keep
end


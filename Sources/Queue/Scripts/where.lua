-- Not a script: begins those that ask where jobs are. A job that has a record and no other place is ready.
local tokens, holders, asked = nil, nil, 0
-- The token that holds a job, else nil.
local function tokenOf(id)
  tokens = tokens or redis.call('ZRANGE', KEYS[1] .. 'leases', 0, -1)
  asked = asked + 1
  if asked <= 4 then
    for _, token in ipairs(tokens) do
      if redis.call('SISMEMBER', KEYS[1] .. 'held:' .. token, id) == 1 then return token end
    end
    return nil
  end
  -- Who asks for many reads once what is held.
  if not holders then
    holders = {}
    for _, token in ipairs(tokens) do
      for _, held in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'held:' .. token)) do holders[held] = token end
    end
  end
  return holders[id]
end

-- "r" ready, "d" delayed, "l" leased, "x" dead: of a job that has a record.
local function state(id)
  if redis.call('ZSCORE', KEYS[1] .. 'delayed', id) then return 'd' end
  if redis.call('ZSCORE', KEYS[1] .. 'dead', id) then return 'x' end
  if tokenOf(id) then return 'l' end
  return 'r'
end


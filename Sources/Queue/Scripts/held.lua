-- Not a script: begins those that settle or prolong. A token holds a job whose owner is "<place> <lease's end> <token>",
-- as long as the lease has not run out by the clock of Redis. An id counts once in a call.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function holder(key, ids)
  local owners, find, sub, taken = redis.call('HMGET', key, unpack(ids)), string.find, string.sub, {}
  local known, suffix
  -- The place of the i-th id when the token holds it, else nil.
  return function(i, token)
    local id, owner = ids[i], owners[i]
    if not owner or taken[id] then return nil end
    if token ~= known then known, suffix = token, ' ' .. token end
    local last = #owner - #suffix
    if last < 3 or not find(owner, suffix, last + 1, true) then return nil end
    local space = find(owner, ' ', 1, true)
    local ends = tonumber(sub(owner, space + 1, last))
    if not ends or ends <= now then return nil end
    taken[id] = true
    return sub(owner, 1, space - 1)
  end
end


-- Not a script: begins those that end claims or give jobs back. A field of `claims` is a token's ids as they were claimed and
-- their places: one number each, or that of the first. A place is a number that grows with every claim, plus 1e15 in the normal
-- band and 2e15 in the low one: so that what is given back stands in `back` in its old order.
--
-- With `areHeld` the caller has seen that the token holds each of them: mostly they are all, and go at once.
local function letGo(token, ids, areHeld)
  local isAll = areHeld and redis.call('SCARD', KEYS[1] .. 'held:' .. token) == #ids
  if isAll then redis.call('DEL', KEYS[1] .. 'held:' .. token) else redis.call('SREM', KEYS[1] .. 'held:' .. token, unpack(ids)) end
  if isAll or redis.call('EXISTS', KEYS[1] .. 'held:' .. token) == 0 then
    redis.call('ZREM', KEYS[1] .. 'leases', token)
    redis.call('HDEL', KEYS[1] .. 'claims', token)
  end
end

-- A function that tells an id's place, and all ids of the claim. Without the claim, which only a hand can have deleted, the
-- place is the first of the normal band.
local function placesOf(token)
  local packed = redis.call('HGET', KEYS[1] .. 'claims', token)
  local claim = packed and cmsgpack.unpack(packed) or { {}, 1e15 }
  local places = {}
  for i, id in ipairs(claim[1]) do
    places[id] = type(claim[2]) == 'table' and claim[2][i] or claim[2] + i - 1
  end
  return function(id) return places[id] or 1e15 end, claim[1]
end

-- What a token holds, in the order of the places.
local function heldInOrder(token)
  local ids, place = redis.call('SMEMBERS', KEYS[1] .. 'held:' .. token), placesOf(token)
  table.sort(ids, function(one, other)
    local a, b = place(one), place(other)
    return a < b or a == b and one < other
  end)
  return ids
end

-- Gives jobs that the token holds back, to their old places. One without a record is dropped.
local function giveBack(token, ids)
  local place, records, back = placesOf(token), redis.call('HMGET', KEYS[1] .. 'jobs', unpack(ids)), {}
  for i, id in ipairs(ids) do
    if records[i] then
      back[#back + 1] = place(id)
      back[#back + 1] = id
    end
  end
  letGo(token, ids)
  if #back > 0 then
    redis.call('ZADD', KEYS[1] .. 'back', unpack(back))
    redis.call('ZADD', KEYS[1] .. 'wake', 0, '1')
  end
  return records, #back / 2
end


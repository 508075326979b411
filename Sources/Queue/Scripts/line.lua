-- Not a script: begins those that make jobs ready. Each flow of a band is a line of its own, the list `ready:` with the line's
-- name behind it: the letter of the band and the flow. `flows:` and the letter is a list of the lines that have jobs, in the
-- order of their turns. A line is there once, as long as it has jobs. What is given back stands before all lines of its band.
local function lineOf(record)
  -- Records begin with both: "n17/4 …".
  local band = string.sub(record, 1, 1)
  if not string.find(band, '[hnl]') then band = 'n' end
  return band .. string.sub(record, 3, (string.find(record, ' ', 3, true) or 3) - 1)
end

local function joinLine(line, ids)
  if redis.call('RPUSH', KEYS[1] .. 'ready:' .. line, unpack(ids)) == #ids then
    redis.call('RPUSH', KEYS[1] .. 'flows:' .. string.sub(line, 1, 1), line)
  end
end

-- Drops one from its line. No one looks for it in all others, so this is for a hand's command.
local function leaveLine(line, id)
  local removed = redis.call('LREM', KEYS[1] .. 'ready:' .. line, 1, id)
  if removed > 0 and redis.call('EXISTS', KEYS[1] .. 'ready:' .. line) == 0 then
    redis.call('LREM', KEYS[1] .. 'flows:' .. string.sub(line, 1, 1), 0, line)
  end
  return removed
end


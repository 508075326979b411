-- Notes that a sink has everything up to a position; never goes back. $1 its name, $2 the position
UPDATE event_sinks SET position = $2, advanced_at = now() WHERE name = $1 AND position < $2

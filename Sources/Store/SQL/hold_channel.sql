-- Lets nothing go to a channel for some time, or notes that it works. $1 channel, $2 ms or null, $3 what is wrong with it or null
UPDATE channels SET
  held_until = CASE WHEN $2::bigint IS NOT NULL THEN greatest(held_until, now() + $2::bigint * interval '1 millisecond') END,
  trouble = $3, trouble_since = CASE WHEN $3::text IS NOT NULL THEN coalesce(trouble_since, now()) END
WHERE id = $1

-- Notes where somebody is reached from now on, or that they are not. $1 channel, $2 address, $3 where it moved or null, $4 whether it takes
-- nothing from us, $5 why
INSERT INTO channel_contacts (channel_id, address, moved_to, blocked_at, why)
VALUES ($1, $2, $3, CASE WHEN $4::boolean THEN now() END, $5)
ON CONFLICT (channel_id, address) DO UPDATE SET
  moved_to = coalesce(excluded.moved_to, channel_contacts.moved_to), blocked_at = excluded.blocked_at, why = excluded.why

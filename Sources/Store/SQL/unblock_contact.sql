-- Somebody who took nothing from us wrote to us. $1 channel, $2 address
UPDATE channel_contacts SET blocked_at = NULL, why = NULL WHERE channel_id = $1 AND address = $2 AND blocked_at IS NOT NULL

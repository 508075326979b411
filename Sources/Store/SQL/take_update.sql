-- Notes an update of Telegram's. $1 channel, $2 its number. Returns whether it was done, and what was answered
INSERT INTO telegram_updates (channel_id, update_id) VALUES ($1, $2)
ON CONFLICT (channel_id, update_id) DO UPDATE SET at = telegram_updates.at
RETURNING done_at IS NOT NULL, answer

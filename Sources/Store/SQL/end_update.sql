-- An update of Telegram's is done. $1 channel, $2 its number, $3 the answer or null
UPDATE telegram_updates SET done_at = now(), answer = $3 WHERE channel_id = $1 AND update_id = $2 AND done_at IS NULL

-- A button's token. $1 its SHA-256, $2 channel, $3 the notification, $4 kind, $5 order, $6 partner, $7 offer, $8 language, $9 ms that it lives
INSERT INTO button_tokens (hash, channel_id, notification_id, kind, order_id, partner_id, offer_id, language, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::bigint * interval '1 millisecond')

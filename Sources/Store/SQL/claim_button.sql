-- Takes a press: one of a button, however often it is pressed, and the same one again when its update comes again. $1 the token's SHA-256,
-- $2 channel, $3 update. Returns what it means, and why it counts no more: used, expired, or null
WITH claimed AS (
  UPDATE button_tokens SET used_by = $3, used_at = coalesce(used_at, now())
  WHERE hash = $1 AND channel_id = $2 AND (used_by IS NULL AND expires_at > now() OR used_by = $3)
  RETURNING hash
)
SELECT b.kind, b.order_id, b.partner_id, b.offer_id, b.language, b.notification_id,
       CASE WHEN EXISTS (SELECT FROM claimed) THEN NULL WHEN b.used_by IS NOT NULL THEN 'used' ELSE 'expired' END
FROM button_tokens b WHERE b.hash = $1 AND b.channel_id = $2

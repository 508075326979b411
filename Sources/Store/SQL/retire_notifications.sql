-- Drops a page of what people were told long ago, of buttons that count no more, and of updates. $1 behind this notification, $2 age in ms,
-- $3 rows in a page. Returns how many were dropped, the page's last notification, and whether there may be more
WITH page AS MATERIALIZED (
  SELECT id, state, created_at FROM notifications WHERE id > $1 ORDER BY id LIMIT $3
), dropped AS (
  DELETE FROM notifications n USING page p
  WHERE n.id = p.id AND p.state <> 'waiting' AND p.created_at < now() - $2::bigint * interval '1 millisecond' RETURNING n.id
), buttons AS (
  DELETE FROM button_tokens WHERE hash IN (
    SELECT hash FROM button_tokens WHERE expires_at < now() - interval '1 day' ORDER BY expires_at LIMIT $3) RETURNING 1
), updates AS (
  DELETE FROM telegram_updates u USING (
    SELECT channel_id, update_id FROM telegram_updates WHERE at < now() - interval '7 days' ORDER BY at LIMIT $3) AS old
  WHERE u.channel_id = old.channel_id AND u.update_id = old.update_id RETURNING 1
)
SELECT (SELECT count(*) FROM dropped) + (SELECT count(*) FROM buttons) + (SELECT count(*) FROM updates),
       (SELECT max(id) FROM page),
       (SELECT count(*) = $3 AND max(created_at) < now() - $2::bigint * interval '1 millisecond' FROM page)

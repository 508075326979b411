-- Lets a message that was sent say something else from now on, without buttons. $1 the notification that it was, $2 the words. Returns its
-- target, order and channel; no row: there is no such message
INSERT INTO notifications (target_id, order_id, order_version, kind, type, happened_at, words, address, message_id)
SELECT n.target_id, n.order_id, n.order_version, 'edit', n.type, now(), $2, n.address, n.message_id
FROM notifications n WHERE n.id = $1 AND n.kind = 'tell' AND n.message_id IS NOT NULL
ON CONFLICT (target_id, order_id, order_version, kind) DO UPDATE SET
  words = excluded.words, state = 'waiting', why = NULL, attempts = 0, doubts = 0, begun_at = NULL, next_at = now(), happened_at = now()
RETURNING target_id, order_id, (SELECT channel_id FROM notify_targets WHERE id = target_id)

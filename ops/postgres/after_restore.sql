-- Run by sevk-restore in the transaction that restores a backup. What was sent after the backup is not in it, so an order
-- that could be sent again becomes held and a person compares it with the provider. References are random: the provider
-- would not recognise a second send. :made is when the backup was made.
SET LOCAL search_path = public;

-- No send begins, of new orders neither, before a person says so.
UPDATE providers SET paused_at = coalesce(paused_at, now()),
  pause_note = 'restored from a backup made at ' || :'made' || coalesce('; paused before: ' || pause_note, '');

CREATE TEMP TABLE doubtful ON COMMIT DROP AS
SELECT o.id, o.status AS was, o.attempt + 1 AS number,
  -- A send after the backup, whose reference nobody knows here. With it, retry and cancel are refused as for any send
  -- whose outcome is unknown. Only where no such send is known already.
  CASE WHEN NOT EXISTS (
    SELECT FROM attempts a WHERE a.order_id = o.id AND a.state IN ('sending', 'accepted', 'unknown'))
  THEN coalesce(
    (SELECT r.provider_id FROM routes r WHERE r.tenant_id = o.tenant_id AND r.product = o.product
     ORDER BY r.position LIMIT 1),
    o.provider_id, (SELECT min(id) FROM providers)) END AS maybe_at
FROM orders o LEFT JOIN providers p ON p.id = o.provider_id
WHERE o.status IN ('pending', 'sending', 'unresolved', 'held')
  -- Its deadline (SEVK_CHECK_DEADLINE, here its default) may have passed since, and a person may have had it sent again.
  OR o.status = 'sent'
    AND o.sent_at < now() - coalesce(p.check_deadline_ms, 86400000) * interval '1 millisecond';

UPDATE attempts a SET state = 'unknown', answered_at = coalesce(answered_at, now())
FROM doubtful d WHERE d.id = a.order_id AND d.was = 'sending' AND a.state = 'sending';

INSERT INTO attempts (order_id, number, provider_id, reference, state, answered_at)
SELECT id, number, maybe_at, 'unknown-' || id || '-' || number, 'unknown', now()
FROM doubtful WHERE maybe_at IS NOT NULL;

-- Versions leap, so that a reader of events does not take what happens now for what it saw before the loss.
UPDATE orders SET version = version + 1000 WHERE status = 'sent' OR status = 'contested';

UPDATE orders o SET
  came_from = CASE d.was WHEN 'held' THEN o.came_from ELSE d.was END,
  status = 'held',
  version = o.version + 1000,
  reason = 'restored from a backup made at ' || :'made'
    || ': may have been sent, or decided, since. Look for the player at the provider, from that time on'
    || CASE WHEN d.was = 'held' THEN '. Before that: ' || o.reason ELSE '' END,
  attempt = CASE WHEN d.maybe_at IS NULL THEN o.attempt ELSE d.number END,
  provider_id = coalesce(d.maybe_at, o.provider_id),
  provider_reference = CASE
    WHEN d.maybe_at IS NULL THEN o.provider_reference ELSE 'unknown-' || d.id || '-' || d.number END,
  due_at = NULL, checks = 0, updated_at = now()
FROM doubtful d WHERE d.id = o.id;

INSERT INTO events (order_id, version, status, type, reason, at)
SELECT o.id, o.version, 'held', 'sevk.order.held', o.reason, now()
FROM orders o JOIN doubtful d ON d.id = o.id WHERE d.was <> 'held';

-- What programs go by; a backup of an older schema gets it when it is migrated.
SELECT EXISTS (
  SELECT FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name = 'attempts' AND column_name = 'is_made_up') AS has_codes \gset
\if :has_codes
  UPDATE attempts a SET is_made_up = true FROM doubtful d WHERE a.order_id = d.id AND a.number = d.number AND d.maybe_at IS NOT NULL;
  UPDATE orders o SET
    reason_code = 'restored', pin_of = pin_of_words(o.reason), coded_for = reason_mark(o.version, o.checks)
  FROM doubtful d WHERE d.id = o.id;
  UPDATE events e SET reason_code = 'restored' FROM orders o JOIN doubtful d ON d.id = o.id
  WHERE e.order_id = o.id AND e.version = o.version;
\endif

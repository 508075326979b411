-- Hands a send to a desk: its stage, and an offer to each partner that is asked. Only while that very send is under way: whoever
-- moves the order waits for this, or this for him and finds the send over. Done again it changes nothing.
-- $1 reference, $2 provider, $3 flow, $4 handover. Answers with one row: whether the send is under way, whether the provider is a
-- desk
WITH send AS (
  SELECT o.id, o.tenant_id, o.attempt, o.version FROM attempts a JOIN orders o ON o.id = a.order_id
  WHERE a.reference = $1::text AND a.provider_id = $2::bigint AND a.number = o.attempt AND a.state = 'sending'
    AND o.status = 'sending' AND o.provider_id = $2::bigint AND o.provider_reference = $1::text
  FOR NO KEY UPDATE OF o
), desk AS (
  SELECT rule, accept_within_ms, when_nobody FROM desks WHERE provider_id = $2::bigint
), fresh AS (
  SELECT s.* FROM send s
  WHERE NOT EXISTS (SELECT FROM fulfilments f WHERE f.order_id = s.id AND f.attempt = s.attempt AND f.reference = $1::text)
), asked AS (
  SELECT c.id FROM fresh s JOIN desk d ON true JOIN LATERAL (
    SELECT p.id, t.place FROM desk_partners t JOIN partners p ON p.id = t.partner_id
    -- Of the order's tenant alone, whoever else the desk names.
    WHERE t.provider_id = $2::bigint AND p.tenant_id = s.tenant_id AND p.state = 'active'
    ORDER BY t.place LIMIT CASE WHEN d.rule = 'first' THEN 1 END) AS c ON true
), handed AS (
  INSERT INTO fulfilments AS f (order_id, attempt, reference, provider_id, version, flow, rule, when_nobody, accept_within_ms,
                                handover, stage, deadline)
  SELECT s.id, s.attempt, $1::text, $2::bigint, s.version, $3::text, d.rule, d.when_nobody, d.accept_within_ms, $4::text, 'offered',
    -- Nobody to ask: it goes on at once.
    now() + CASE WHEN EXISTS (SELECT FROM asked) THEN d.accept_within_ms ELSE 0 END * interval '1 millisecond'
  FROM fresh s JOIN desk d ON true
  ON CONFLICT (order_id) DO UPDATE SET
    attempt = excluded.attempt, reference = excluded.reference, provider_id = excluded.provider_id, version = excluded.version,
    revision = f.revision + 1, flow = excluded.flow, rule = excluded.rule, when_nobody = excluded.when_nobody,
    accept_within_ms = excluded.accept_within_ms, handover = excluded.handover, came_from = '', stage = 'offered',
    partner_id = NULL, code = NULL, tries = 0, cancel_by = NULL, cancel_who = NULL, cancel_note = NULL, cancel_at = NULL,
    deadline = excluded.deadline, begun_at = now(), changed_at = now()
  RETURNING f.order_id, f.attempt
), offered AS (
  INSERT INTO offers (order_id, attempt, partner_id, state)
  SELECT h.order_id, h.attempt, a.id, 'offered' FROM handed h JOIN asked a ON true
), staged AS (
  UPDATE orders o SET stage = 'offered' FROM handed h WHERE o.id = h.order_id
)
SELECT EXISTS (SELECT FROM send), EXISTS (SELECT FROM desk)

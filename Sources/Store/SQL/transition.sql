-- Moves orders, each from the version its writer saw: the order row, the attempt, the event and the exchange together.
-- An order that has moved on meanwhile is left alone and left out of the answer; so is one whose PIN another order has.
-- Answers with the orders as they are now, and the position of each in what was written.
-- $1 id, $2 version, $3 status, $4 reason, $5 provider, $6 reference (5 and 6 begin a new attempt), $7 attempt state,
-- $8 cost, $9 balance, $10 due in ms, $11 sealed pin, $12 event type,
-- $13 exchange kind, $14 request, $15 status, $16 reply, $17 error, $18 duration in ms, $19 the PIN's print or null,
-- $20 witness, $21 its print, $22 its words: what is not proved yet, or null, $23 whether the send that begins needs a PIN,
-- $24 the account it goes to (23 and 24: null where they were not read), $25 the reason's code or null, $26 the order whose
-- PIN it was given, or null, $27 the provider's own name for the order, or null
WITH input AS (
  -- Of two moves of one order in a statement the first is the one, so that the other claims no PIN either.
  SELECT DISTINCT ON (id, version) * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
                       $8::numeric[], $9::numeric[], $10::bigint[], $11::bytea[], $12::text[],
                       $13::text[], $14::text[], $15::int[], $16::bytea[], $17::text[], $18::int[],
                       $19::bytea[], $20::text[], $21::bytea[], $22::text[], $23::boolean[], $24::int[],
                       $25::text[], $26::uuid[], $27::text[])
    WITH ORDINALITY
    AS i (id, version, status, reason, provider_id, reference, attempt_state, cost, balance, due_ms, pin, type,
          kind, request, http_status, reply, error, duration_ms, print, witness, witness_print, witness_words, pin_required,
          account_epoch, reason_code, pin_of, provider_order_id, position)
  ORDER BY id, version, position
), accounts AS (
  -- Who changes an account waits for this, or this for him and sees the new one: no send goes to an account that is not
  -- the one it was decided for.
  SELECT id, account_epoch FROM providers
  WHERE id IN (SELECT provider_id FROM input WHERE account_epoch IS NOT NULL) ORDER BY id FOR KEY SHARE
), seen AS (
  -- Locked before a PIN is claimed, so that an order that is not moved never keeps a claim.
  SELECT o.id FROM orders o, input i
  WHERE i.print IS NOT NULL AND o.id = i.id AND o.version = i.version ORDER BY o.id FOR UPDATE OF o
), claimed AS (
  INSERT INTO pin_prints (print, order_id)
  -- In the same order everywhere: two statements that hold each other's prints would otherwise deadlock.
  SELECT print, id FROM input WHERE print IS NOT NULL AND id IN (SELECT id FROM seen) ORDER BY print, id
  ON CONFLICT (print) DO NOTHING
  RETURNING print, order_id
), moved AS (
  UPDATE orders o SET
    came_from = o.status,
    status = i.status,
    version = o.version + 1,
    reason = i.reason, reason_code = i.reason_code, pin_of = i.pin_of, coded_for = reason_mark(o.version + 1, 0),
    provider_id = coalesce(i.provider_id, o.provider_id),
    provider_reference = coalesce(i.reference, o.provider_reference),
    attempt = o.attempt + (i.reference IS NOT NULL)::int,
    checks = 0,
    -- The age of a send counts from its end once it has one, since a lost request travels on until then.
    sent_at = CASE WHEN i.status = 'sending' OR o.status = 'sending' THEN now() ELSE o.sent_at END,
    due_at = now() + i.due_ms * interval '1 millisecond',
    -- What an earlier send cost says nothing about a new one.
    cost = CASE WHEN i.reference IS NULL THEN coalesce(i.cost, o.cost) END,
    pin = i.pin,
    witness = i.witness, witness_print = i.witness_print, witness_words = i.witness_words,
    witness_version = CASE WHEN i.witness IS NOT NULL THEN o.version + 1 END,
    -- What was said before is not said later by being carried along.
    witnessed_at = CASE WHEN i.witness IS NULL THEN NULL
      WHEN (o.witness_version, o.witness, o.witness_print) IS NOT DISTINCT FROM (o.version, i.witness, i.witness_print)
      THEN least(o.witnessed_at, now()) ELSE now() END,
    changed = (SELECT base FROM change_base WHERE one) + pg_current_xact_id()::text::bigint,
    updated_at = now()
  FROM input i
  WHERE o.id = i.id AND o.version = i.version
    AND (i.account_epoch IS NULL
      OR EXISTS (SELECT FROM accounts a WHERE a.id = i.provider_id AND a.account_epoch = i.account_epoch))
    AND (i.print IS NULL
      OR EXISTS (SELECT FROM claimed c WHERE c.print = i.print AND c.order_id = i.id)
      OR EXISTS (SELECT FROM pin_prints p WHERE p.print = i.print AND p.order_id = i.id))
  RETURNING i.*, o.version AS new_version, o.attempt AS attempt, o AS written
), begun AS (
  INSERT INTO attempts (order_id, number, provider_id, reference, state, pin_required, account_epoch)
  SELECT id, attempt, provider_id, reference, 'sending', pin_required, account_epoch FROM moved WHERE reference IS NOT NULL
), settled AS (
  UPDATE attempts a SET
    state = m.attempt_state, cost = coalesce(m.cost, a.cost), balance = coalesce(m.balance, a.balance),
    provider_order_id = coalesce(m.provider_order_id, a.provider_order_id),
    answered_at = now()
  FROM moved m
  WHERE a.order_id = m.id AND a.number = m.attempt AND m.reference IS NULL AND m.attempt_state IS NOT NULL
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, at)
  SELECT id, new_version, status, type, reason, reason_code, now() FROM moved ORDER BY position
), exchange AS (
  INSERT INTO exchanges (order_id, attempt, kind, request, status, reply, error, duration_ms, at)
  SELECT id, attempt, kind, request, http_status, reply, error, duration_ms, now()
  FROM moved WHERE kind IS NOT NULL ORDER BY position
)
SELECT {order}, m.position
FROM moved m, LATERAL (SELECT (m.written).*) AS o

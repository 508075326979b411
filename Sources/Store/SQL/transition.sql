-- Moves orders, each from the version its writer saw: the order row, the attempt, the event and the exchange together.
-- An order that has moved on meanwhile is left alone and left out of the answer; so is one whose PIN another order has.
-- Answers with the orders as they are now, and the position of each in what was written. After keep_lists.sql.
-- $1 id, $2 version, $3 status, $4 reason, $5 provider, $6 reference (5 and 6 begin a new attempt), $7 attempt state,
-- $8 cost, $9 balance, $10 due in ms, $11 sealed pin, $12 event type,
-- $13 exchange kind, $14 request, $15 status, $16 reply, $17 error, $18 duration in ms, $19 the PIN's print or null,
-- $20 witness, $21 its print, $22 its words: what is not proved yet, or null, $23 whether the send that begins needs a PIN,
-- $24 the account it goes to (23 and 24: null where they were not read), $25 the reason's code or null, $26 the order whose
-- PIN it was given, or null, $27 the provider's own name for the order, or null; of a send that begins: $28 why it goes there and $29 in
-- words, $30 what the catalogue asks, $31 the print of what is sent, $32 what it waited for, each or null
WITH input AS (
  -- Of two moves of one order in a statement the first is the one, so that the other claims no PIN either.
  SELECT DISTINCT ON (id, version) *, place::int AS position
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::text[], $8::numeric[], $10::bigint[],
              $11::bytea[], $19::bytea[], $20::text[], $21::bytea[], $22::text[], $24::int[], $25::text[], $26::uuid[])
    WITH ORDINALITY
    AS i (id, version, status, reason, provider_id, reference, cost, due_ms, pin, print, witness, witness_print, witness_words,
          account_epoch, reason_code, pin_of, place)
  ORDER BY id, version, place
), change AS (
  SELECT base + pg_current_xact_id()::text::bigint AS now FROM change_base WHERE one
), accounts AS (
  -- Who changes an account waits for this, or this for him and sees the new one: no send goes to an account that is not
  -- the one it was decided for.
  SELECT id, account_epoch FROM providers
  WHERE id IN (SELECT provider_id FROM input WHERE account_epoch IS NOT NULL) ORDER BY id FOR KEY SHARE
), seen AS (
  -- Locked before a PIN is claimed, so that an order that is not moved never keeps a claim.
  SELECT o.id, i.print
  FROM orders o, (SELECT id, version, print FROM input WHERE print IS NOT NULL OFFSET 0) AS i
  WHERE o.id = i.id AND o.version = i.version ORDER BY o.id FOR UPDATE OF o
), claimed AS (
  INSERT INTO pins (print, order_id)
  -- In the same order everywhere: two statements that hold each other's prints would otherwise deadlock.
  SELECT encode(substring(print FOR 16), 'hex')::uuid, id FROM seen
  -- Claims of programs from before; each later one of theirs is in pins as well.
  WHERE print IS NOT NULL AND NOT EXISTS (SELECT FROM pin_prints p WHERE p.print = seen.print)
  ORDER BY 1, 2
  ON CONFLICT (print) DO NOTHING
  RETURNING print, order_id
), moved AS (
  UPDATE orders o SET
    came_from = o.status,
    status = i.status,
    version = o.version + 1,
    reason = i.reason, reason_code = i.reason_code, pin_of = i.pin_of, coded_for = ((o.version + 1)::bigint << 32),
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
    -- What comes next may be no desk.
    stage = CASE WHEN i.status <> 'pending' THEN o.stage END,
    witness = i.witness, witness_print = i.witness_print, witness_words = i.witness_words,
    witness_version = CASE WHEN i.witness IS NOT NULL THEN o.version + 1 END,
    -- What was said before is not said later by being carried along.
    witnessed_at = CASE WHEN i.witness IS NULL THEN NULL
      WHEN (o.witness_version, o.witness, o.witness_print) IS NOT DISTINCT FROM (o.version, i.witness, i.witness_print)
      THEN least(o.witnessed_at, now()) ELSE now() END,
    updated_at = now()
  -- Narrow: what an UPDATE is joined with is copied for each row.
  FROM (
    SELECT id, version, position, status, reason, reason_code, pin_of, provider_id, reference, due_ms, cost, pin, print,
      encode(substring(print FOR 16), 'hex')::uuid AS half, witness, witness_print, witness_words, account_epoch
    FROM input OFFSET 0) AS i
  WHERE o.id = i.id AND o.version = i.version
    -- Nobody sends what its shop claimed back meanwhile.
    AND (i.status <> 'pending' OR o.refund_claimed_at IS NULL)
    AND (i.account_epoch IS NULL
      OR EXISTS (SELECT FROM accounts a WHERE a.id = i.provider_id AND a.account_epoch = i.account_epoch))
    AND (i.print IS NULL
      OR EXISTS (SELECT FROM claimed c WHERE c.print = i.half AND c.order_id = i.id)
      OR EXISTS (SELECT FROM pins p WHERE p.print = i.half AND p.order_id = i.id)
      OR EXISTS (SELECT FROM pin_prints p WHERE p.print = i.print AND p.order_id = i.id))
  RETURNING i.position, i.reference AS new_reference, o.status IN ('completed', 'failed', 'cancelled') AS is_final,
{columns}
       o.reason_code AS reason_code, o.player AS player
), listed AS (
  UPDATE unsettled_orders u SET status = m.status, changed = m.change
  FROM (SELECT id, status, (SELECT now FROM change) AS change FROM moved WHERE NOT is_final OFFSET 0) AS m
  WHERE u.order_id = m.id
), unlisted AS (
  DELETE FROM unsettled_orders WHERE order_id = ANY (ARRAY(SELECT id FROM moved WHERE is_final))
), ended AS (
  INSERT INTO settled_orders (tenant_id, changed, order_ids)
  SELECT tenant_id, (SELECT now FROM change), array_agg(id ORDER BY id) FROM moved WHERE is_final GROUP BY tenant_id
), unfulfilled AS (
  INSERT INTO unfulfilled_orders (tenant_id, status, order_id)
  SELECT tenant_id, status, id FROM moved WHERE is_final AND status <> 'completed'
), begun AS (
  INSERT INTO attempts (order_id, number, provider_id, reference, state, pin_required, account_epoch, choice, choice_words,
                        catalog_cost, sent_print, waits)
  SELECT id, attempt, provider_id, new_reference, 'sending', ($23::boolean[])[position], ($24::int[])[position],
    ($28::text[])[position], ($29::text[])[position], ($30::numeric[])[position], ($31::bytea[])[position],
    ($32::text[])[position]
  FROM moved WHERE new_reference IS NOT NULL
), settled AS (
  UPDATE attempts a SET
    state = m.state, cost = coalesce(m.cost, a.cost), balance = coalesce(m.balance, a.balance),
    provider_order_id = coalesce(m.provider_order_id, a.provider_order_id), answered_at = now()
  FROM (
    SELECT id, attempt, ($7::text[])[position] AS state, ($8::numeric[])[position] AS cost, ($9::numeric[])[position] AS balance,
      ($27::text[])[position] AS provider_order_id
    FROM moved WHERE new_reference IS NULL AND ($7::text[])[position] IS NOT NULL OFFSET 0) AS m
  WHERE a.order_id = m.id AND a.number = m.attempt 
    AND (a.state <> m.state OR m.cost IS NOT NULL OR m.balance IS NOT NULL OR m.provider_order_id IS NOT NULL)
), known AS (
  INSERT INTO settled_sends AS k (provider_id, account_epoch, reference)
  SELECT a.provider_id, coalesce(a.account_epoch, 1), a.reference
  FROM (
    SELECT DISTINCT ON (provider_id) provider_id, id, attempt FROM moved
    WHERE status = 'completed' AND ($7::text[])[position] = 'accepted' ORDER BY provider_id, id DESC) AS m
  JOIN attempts a ON a.order_id = m.id AND a.number = m.attempt AND NOT a.is_made_up
  -- Seldom, and not at once with others: who writes the row keeps them waiting.
  WHERE NOT EXISTS (
    SELECT FROM settled_sends f
    WHERE f.provider_id = a.provider_id AND f.account_epoch >= coalesce(a.account_epoch, 1)
      AND f.noted_at > now() - interval '1 minute')
  ON CONFLICT (provider_id) DO UPDATE SET
    account_epoch = excluded.account_epoch, reference = excluded.reference, noted_at = excluded.noted_at
  WHERE k.account_epoch <= excluded.account_epoch
), event AS (
  INSERT INTO events (order_id, version, status, type, reason, reason_code, stage, at, position, published_at)
  SELECT id, version, status, ($12::text[])[position], reason, reason_code, stage, now(), 0, 'infinity' FROM moved ORDER BY position
), exchange AS (
  INSERT INTO exchanges (order_id, attempt, kind, request, status, reply, error, duration_ms, at)
  SELECT id, attempt, ($13::text[])[position], ($14::text[])[position], ($15::int[])[position], ($16::bytea[])[position],
    ($17::text[])[position], ($18::int[])[position], now()
  FROM moved WHERE ($13::text[])[position] IS NOT NULL ORDER BY position
)
SELECT {answer}, position
FROM moved

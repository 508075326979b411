-- The send of an order, whose answer was lost, is about to be repeated under its reference: committed before the first byte.
-- The order stays unresolved, in a new version, so that nobody who saw an earlier one goes on; its checks begin anew, and
-- its age counts from when the request has surely ended. No row when the order has moved on, its refund was claimed, its
-- provider's account is another one, the request is another one, or it was repeated often enough.
-- Answers as transition.sql does. $1 id, $2 version, $3 checks, $4 account, $5 print of what is sent, $6 repetitions at the
-- most, $7 what a request lasts at the longest, in ms, $8 note, $9 its code
WITH account AS (
  -- As in transition.sql.
  SELECT p.id FROM providers p JOIN orders o ON p.id = o.provider_id
  WHERE o.id = $1::uuid AND p.account_epoch = $4::int FOR KEY SHARE OF p
), again AS (
  UPDATE orders o SET
    version = o.version + 1, checks = 0, reason = $8::text, reason_code = $9::text,
    coded_for = ((o.version + 1)::bigint << 32),
    sent_at = now() + $7::bigint * interval '1 millisecond', due_at = now() + $7::bigint * interval '1 millisecond',
    witness = NULL, witness_print = NULL, witness_words = NULL, witness_version = NULL, witnessed_at = NULL,
    updated_at = now()
  WHERE o.id = $1::uuid AND o.version = $2::int AND o.checks = $3::int AND o.status = 'unresolved'
    AND o.refund_claimed_at IS NULL AND o.provider_id IN (SELECT id FROM account)
    AND EXISTS (
      SELECT FROM attempts a
      WHERE a.order_id = o.id AND a.number = o.attempt AND NOT a.is_made_up AND a.account_epoch = $4::int
        AND a.sent_print = $5::bytea AND a.resends < $6::int)
  RETURNING 1 AS position,
{columns}
       o.reason_code AS reason_code, o.player AS player
), counted AS (
  UPDATE attempts a SET resends = a.resends + 1 FROM again g WHERE a.order_id = g.id AND a.number = g.attempt
)
SELECT {answer}, position
FROM again

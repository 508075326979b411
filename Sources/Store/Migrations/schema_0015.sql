-- Programs of schema 8 and later go on working.
-- What was read out of the words of a reason, or out of a made-up reference, gets columns of its own.

-- A program from before words a reason and writes no code. So a code, and `pin_of`, count only for the version and the
-- checks of the order that `coded_for` names; otherwise they are read out of the words, as before.
ALTER TABLE orders
  ADD COLUMN reason_code text,                                    -- Orders/ReasonCode.swift
  ADD COLUMN pin_of      uuid,                                    -- held since the provider gave it this order's PIN
  ADD COLUMN coded_for   bigint;                                  -- reason_mark(version, checks)
ALTER TABLE events ADD COLUMN reason_code text;                   -- null: none, or written by a program from before
-- A send that sevk-restore assumes: no provider ever saw its reference.
ALTER TABLE attempts ADD COLUMN is_made_up boolean NOT NULL DEFAULT false;
-- The bounds let the index on references find them: a scan of all sends would hold every order up.
UPDATE attempts SET is_made_up = true
WHERE reference >= 'unknown' AND reference < 'unknowo' AND reference LIKE 'unknown-%';

CREATE FUNCTION reason_mark(version int, checks int) RETURNS bigint LANGUAGE sql IMMUTABLE
  AS 'SELECT (version::bigint << 32) + checks';

-- The code of a reason of a program from before. Later programs word reasons as they like: this stays as it is.
CREATE FUNCTION reason_code_of(status text, reason text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN reason ^@ 'a person decided: ' AND status <> 'sending' THEN 'decided_by_person'
    WHEN status = 'completed' THEN 'delivered'
    WHEN reason IS NULL THEN CASE status WHEN 'sent' THEN 'in_progress' END
    WHEN status = 'pending' THEN
      CASE WHEN reason ^@ 'the provider refused' THEN 'next_provider' ELSE 'sending_again' END
    WHEN status = 'sent' THEN
      CASE WHEN reason ^@ ANY (ARRAY['the question failed: ', 'the answer made no sense',
        'the provider accepted the order but does not find it']) THEN 'asking_again' ELSE 'in_progress' END
    WHEN status = 'unresolved' THEN
      CASE WHEN reason ^@ ANY (ARRAY['the provider refused: ', 'the provider turned the account away',
        'the provider said of the send']) THEN 'confirming_refusal' ELSE 'answer_lost' END
    WHEN status = 'held' THEN CASE
      WHEN reason ^@ 'no final answer within' THEN 'no_final_answer'
      WHEN reason ^@ 'probably not received' THEN 'probably_not_received'
      WHEN reason ^@ 'the provider gave it the PIN of' THEN 'shared_pin'
      WHEN reason ^@ 'restored from a backup' THEN 'restored'
      WHEN reason ^@ 'taken up by a person' THEN 'person_decides'
      WHEN reason ^@ ANY (ARRAY['not sent', 'proved not received', 'the provider refused']) THEN 'not_sent'
      WHEN position('processes died' IN reason) > 0 THEN 'processes_died'
      ELSE 'other' END
    WHEN status = 'failed' THEN CASE
      WHEN reason ^@ 'the provider refused' THEN 'refused'
      WHEN reason ^@ ANY (ARRAY['the provider cancelled',
        'the provider had received the order and cancelled it']) THEN 'provider_cancelled'
      WHEN reason ^@ 'there is no route left' THEN 'no_route'
      WHEN reason ^@ 'not sent: ' THEN 'invalid_fields'
      ELSE 'other' END
    WHEN status = 'cancelled' THEN 'withdrawn'
  END
$$;

-- The order whose PIN such a reason names.
CREATE FUNCTION pin_of_words(reason text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT substring(reason FROM 'the PIN of order ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}),')::uuid
$$;

-- The few that wait for a person. The others are too many for one statement, and are read by their words.
UPDATE orders SET
  reason_code = reason_code_of(status, reason), pin_of = pin_of_words(reason), coded_for = reason_mark(version, checks)
WHERE status = 'held';

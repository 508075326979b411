-- Somebody wants the provider asked about an order at once: a check is due now, or of one that ended a second look. Too soon
-- after the last time nothing is written. Answers with whether it was, and for how many ms more it is too soon.
-- $1 id, $2 version, $3 pause in ms, $4 whether it is a second look
WITH asked AS (
  UPDATE orders SET
    asked_at = now(), due_at = CASE WHEN due_at > now() THEN now() ELSE due_at END,
    asks = CASE WHEN asked_version = version THEN asks ELSE 0 END + coalesce((due_at > now())::int, 0), asked_version = version
  WHERE id = $1::uuid AND version = $2::int
    -- What lies ahead was written while a clock was wrong.
    AND (asked_at IS NULL OR asked_at > now() OR asked_at <= now() - $3::bigint * interval '1 millisecond')
  RETURNING id, version
), look AS (
  INSERT INTO second_looks (order_id, version) SELECT id, version FROM asked WHERE $4::boolean
  ON CONFLICT (order_id) DO UPDATE SET version = excluded.version, due_at = now()
)
SELECT EXISTS (SELECT FROM asked),
  (SELECT (date_part('epoch', asked_at + $3::bigint * interval '1 millisecond' - now()) * 1000)::bigint
   FROM orders WHERE id = $1::uuid AND version = $2::int)

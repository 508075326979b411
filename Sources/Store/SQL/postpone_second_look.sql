-- Looks again later. $1 order, $2 version, $3 in so many ms, $4 questions without an answer, $5 print of what was said or null
UPDATE second_looks SET
  due_at = now() + $3::bigint * interval '1 millisecond', tries = $4::smallint, said = $5::bytea,
  said_at = CASE WHEN $5::bytea IS NULL THEN NULL WHEN said = $5::bytea THEN least(said_at, now()) ELSE now() END
WHERE order_id = $1::uuid AND version = $2::int
RETURNING order_id

-- Notes that a check settled nothing and when the next is due; the status and so the version stay. The count of checks
-- is the fence here. Answers as transition.sql does. $1 id, $2 version, $3 checks, $4 note, $5 due in ms,
-- $6 exchange kind, $7 request, $8 status, $9 reply, $10 error, $11 duration in ms,
-- $12 witness, $13 its print, $14 its words: what is not proved yet, or null, $15 the note's code
WITH input AS (
  SELECT *, place::int AS position
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::bigint[], $12::text[], $13::bytea[], $14::text[], $15::text[])
    WITH ORDINALITY AS i (id, version, checks, note, due_ms, witness, witness_print, witness_words, reason_code, place)
  OFFSET 0
), noted AS (
  UPDATE orders o SET
    checks = o.checks + 1, reason = i.note, reason_code = i.reason_code,
    coded_for = (o.version::bigint << 32) + o.checks + 1, due_at = now() + i.due_ms * interval '1 millisecond',
    witness = i.witness, witness_print = i.witness_print, witness_words = i.witness_words,
    witness_version = CASE WHEN i.witness IS NOT NULL THEN o.version END,
    witnessed_at = CASE WHEN i.witness IS NULL THEN NULL
      WHEN (o.witness_version, o.witness, o.witness_print) IS NOT DISTINCT FROM (o.version, i.witness, i.witness_print)
      THEN least(o.witnessed_at, now()) ELSE now() END,
    updated_at = now()
  FROM input i
  WHERE o.id = i.id AND o.version = i.version AND o.checks = i.checks
  RETURNING i.position,
{columns}
       o.reason_code AS reason_code, o.player AS player
), exchange AS (
  INSERT INTO exchanges (order_id, attempt, kind, request, status, reply, error, duration_ms, at)
  SELECT id, attempt, ($6::text[])[position], ($7::text[])[position], ($8::int[])[position], ($9::bytea[])[position],
    ($10::text[])[position], ($11::int[])[position], now()
  FROM noted WHERE ($6::text[])[position] IS NOT NULL ORDER BY position
)
SELECT {answer}, position
FROM noted

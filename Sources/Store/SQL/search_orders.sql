-- Orders as support asks for them, newest first, among those that one of the search_among files looks through.
-- $1 before this id or null, $2 tenant or null, $3 provider or null, $4 product or null, $5 recorded so many ms ago or
-- earlier, or null, $6 statuses or null, $7 at most so many, $8 most to look at, $9 recorded from this time on and $10 before this
-- one, in ms of Unix time, or null, $11 code of its reason or null
-- Each row: id or null; then how many were looked at, and the last of them
WITH looked AS MATERIALIZED (
  {among}
  ORDER BY id DESC LIMIT $8::bigint
), found AS (
  SELECT id FROM looked
  WHERE ($2::bigint IS NULL OR tenant_id = $2) AND ($3::bigint IS NULL OR provider_id = $3)
    AND ($4::text IS NULL OR product = $4) AND ($6::text[] IS NULL OR status = ANY ($6))
    AND ($5::bigint IS NULL OR created_at <= clock_timestamp() - $5 * interval '1 millisecond')
    AND ($9::bigint IS NULL OR created_at >= to_timestamp($9 / 1000.0))
    AND ($10::bigint IS NULL OR created_at < to_timestamp($10 / 1000.0))
    AND ($11::text IS NULL OR $11 = (
      SELECT CASE WHEN r.coded_for = reason_mark(r.version, r.checks) THEN r.reason_code
                  ELSE reason_code_of(r.status, r.reason) END
      FROM orders r WHERE r.id = looked.id))
  ORDER BY id DESC LIMIT $7::bigint
)
SELECT f.id, (SELECT count(*) FROM looked), (SELECT id FROM looked ORDER BY id LIMIT 1)
FROM (SELECT 1) AS one LEFT JOIN found f ON true
ORDER BY f.id DESC

-- Counts an answer that no row of its provider's contract explains; a new one only while the provider has fewer than $8.
-- $1 provider, $2 kind, $3 HTTP status, $4 answer, $5 the same without its numbers, $6 how often, $7 order, $8 most rows of a provider.
-- A row with whether it is new; none where there are too many.
INSERT INTO unfamiliar_replies AS known (provider_id, print, kind, status, reply, seen, order_id)
SELECT n.provider_id, n.print, $2::text, $3::int, $4::bytea, $6::bigint, $7::uuid
FROM (SELECT $1::bigint AS provider_id, sha256(convert_to($2::text || ' ' || coalesce($3::int, 0) || ' ', 'UTF8') || $5::bytea) AS print) n
WHERE (SELECT count(*) FROM unfamiliar_replies u WHERE u.provider_id = n.provider_id) < $8::bigint
  OR EXISTS (SELECT FROM unfamiliar_replies u WHERE u.provider_id = n.provider_id AND u.print = n.print)
ON CONFLICT (provider_id, print) DO UPDATE SET seen = known.seen + EXCLUDED.seen, last_at = now()
RETURNING (known.xmax = 0)::int

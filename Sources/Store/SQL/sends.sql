-- Every send of one order, oldest first, with whether the provider had accepted it and whether a person said that it was
-- not received: that word replaces the state, and not what was known. $1 id
SELECT a.number, p.name, a.reference, a.state, a.cost,
       to_char(a.begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       (extract(epoch FROM a.begun_at) * 1000)::bigint, (extract(epoch FROM a.answered_at) * 1000)::bigint,
       (extract(epoch FROM clock_timestamp() - a.begun_at) * 1000)::bigint,
       a.state = 'accepted' OR a.cost IS NOT NULL OR EXISTS (
         SELECT FROM events e
         WHERE e.order_id = a.order_id AND e.status = 'sent' AND e.at >= a.begun_at AND e.at < a.ended_at),
       EXISTS (
         SELECT FROM audits u
         WHERE u.order_id = a.order_id AND u.what = 'not_received' AND u.at >= a.begun_at AND u.at < a.ended_at),
       a.is_made_up, a.provider_order_id, a.choice, a.choice_words, a.catalog_cost
FROM (
  SELECT *, lead(begun_at, 1, 'infinity') OVER (ORDER BY number) AS ended_at FROM attempts WHERE order_id = $1
) AS a JOIN providers p ON p.id = a.provider_id
ORDER BY a.number

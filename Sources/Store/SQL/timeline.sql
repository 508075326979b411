-- Everything that happened to one order, oldest first. $1 id
SELECT at, what, status, reason, attempt, kind, request, http_status, reply, error, duration_ms, reference, provider,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), reason_code, provider_order_id,
       choice, choice_words, cost, catalog_cost, stage
FROM (
  SELECT e.at, 0 AS step, e.version::bigint AS position,
         CASE WHEN e.type = 'sevk.order.rated' THEN 'rated' ELSE 'status' END AS what, e.status,
         CASE WHEN e.type = 'sevk.order.rated' THEN (SELECT r.stars::text FROM order_ratings r WHERE r.order_id = e.order_id)
              ELSE e.reason END AS reason,
         NULL::int AS attempt, NULL AS kind, NULL AS request, NULL::int AS http_status, NULL::bytea AS reply,
         NULL AS error, NULL::int AS duration_ms, NULL AS reference, NULL AS provider,
         coalesce(e.reason_code, reason_code_of(e.status, e.reason)) AS reason_code,
         NULL AS provider_order_id, NULL AS choice, NULL AS choice_words, NULL::numeric AS cost,
         NULL::numeric AS catalog_cost, e.stage
  FROM events e WHERE e.order_id = $1
  UNION ALL
  SELECT a.begun_at, 1, a.number, 'attempt', NULL, NULL, a.number, NULL, NULL, NULL, NULL, NULL, NULL, a.reference,
         p.name, NULL, a.provider_order_id, a.choice, a.choice_words, a.cost, a.catalog_cost, NULL
  FROM attempts a JOIN providers p ON p.id = a.provider_id WHERE a.order_id = $1
  UNION ALL
  SELECT x.at, -1, x.id, 'exchange', NULL, NULL, x.attempt, x.kind, x.request, x.status, x.reply, x.error,
         x.duration_ms, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM exchanges x WHERE x.order_id = $1
  UNION ALL
  SELECT r.at, 1, r.version, 'pin_shown', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL
  FROM page_reveals r WHERE r.order_id = $1
) AS story
ORDER BY at, step, position

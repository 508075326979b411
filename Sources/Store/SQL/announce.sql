-- Puts an event in line that is no order's, for the endpoints of a tenant that want it. $1 tenant, $2 event's id, $3 type, $4 body,
-- $5 not for this endpoint. An id is said once: who says it has moved the endpoint that it is about in the same transaction, so
-- of two that do so at once one sees the other's. Returns endpoints, and the ids by which it is in line as an order's are
INSERT INTO deliveries (endpoint_id, position, event_id, type, order_id, order_version, body, state)
-- Below the positions of orders' events, and one after the other.
SELECT id, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - 9000000000000000, $2, $3, gen_random_uuid(), 1, $4,
       'waiting'
FROM endpoints p WHERE tenant_id = $1 AND id <> $5 AND state IN ('active', 'paused') AND types && ARRAY['*', $3]
  AND NOT EXISTS (SELECT FROM deliveries d WHERE d.endpoint_id = p.id AND d.position < 0 AND d.event_id = $2)
ON CONFLICT DO NOTHING
RETURNING endpoint_id, order_id

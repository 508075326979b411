-- The oldest thing that a target is still to be told of an order, after what is no news any more was dropped. $1 target, $2 order,
-- $3 ms after which a newer change takes the place of an older one, $4 ms after which nobody is told
WITH dropped AS (
  UPDATE notifications n SET
    -- What may have come is not said to have been left out.
    state = CASE WHEN n.doubts > 0 OR n.begun_at IS NOT NULL THEN 'unknown'
              WHEN n.happened_at < now() - $4::bigint * interval '1 millisecond' AND n.attempts > 0 THEN 'failed' ELSE 'dropped' END,
    why = coalesce(n.why || '; ', '')
      || CASE WHEN n.happened_at < now() - $4::bigint * interval '1 millisecond' THEN 'too late' ELSE 'a newer change took its place' END
  WHERE n.target_id = $1 AND n.order_id = $2 AND n.state = 'waiting'
    AND (n.happened_at < now() - $4::bigint * interval '1 millisecond'
      OR n.kind = 'tell' AND EXISTS (
        SELECT FROM notifications o
        WHERE o.target_id = n.target_id AND o.order_id = n.order_id AND o.order_version > n.order_version AND o.kind = 'tell'
          AND (o.state = 'sent' OR o.state = 'waiting' AND n.happened_at < now() - $3::bigint * interval '1 millisecond')))
  RETURNING id, type
)
SELECT n.id, n.order_version, n.kind, n.type, n.words, n.attempts, n.doubts,
       (extract(epoch FROM now() - n.begun_at) * 1000)::bigint,
       (extract(epoch FROM greatest(n.next_at, c.held_until) - now()) * 1000)::bigint,
       (extract(epoch FROM n.happened_at) * 1000)::bigint,
       c.id, c.name, c.adapter, c.base_url, c.credentials, c.trouble IS NOT NULL,
       p.audience, coalesce(p.language, CASE WHEN p.audience = 'customer' THEN o.fields ->> 'language' END), t.id, t.name,
       coalesce(k.moved_to, n.address, a.address), k.blocked_at > now() - interval '7 days', k.why,
       n.message_id, n.order_id, o.product, o.reference,
       CASE WHEN o.version = n.order_version THEN o.reason_code END, x.subject, x.data,
       (SELECT count(*) FROM dropped)
FROM notifications n
JOIN notify_targets p ON p.id = n.target_id
JOIN channels c ON c.id = p.channel_id
JOIN tenants t ON t.id = p.tenant_id
LEFT JOIN orders o ON o.id = n.order_id AND o.tenant_id = p.tenant_id
LEFT JOIN notices x ON x.id = n.order_id AND x.version = n.order_version AND x.tenant_id = p.tenant_id
CROSS JOIN LATERAL (SELECT {address} AS address) AS a
LEFT JOIN channel_contacts k ON k.channel_id = c.id AND k.address = coalesce(n.address, a.address)
WHERE n.target_id = $1 AND n.order_id = $2 AND n.state = 'waiting' AND n.id NOT IN (SELECT id FROM dropped)
-- What a message says from now on before what is said next; but no news waits for that.
ORDER BY n.kind = 'edit' AND n.next_at > now(), n.kind, n.order_version LIMIT 1

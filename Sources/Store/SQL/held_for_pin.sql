-- The orders that are held because the provider gave them the PIN of another. $1 the other
SELECT o.id FROM tenants t
JOIN unsettled_orders u ON u.tenant_id = t.id AND u.status = 'held' AND u.status NOT IN ('sending', 'sent')
JOIN orders o ON o.id = u.order_id
WHERE CASE WHEN o.coded_for = reason_mark(o.version, o.checks) THEN o.pin_of ELSE pin_of_words(o.reason) END = $1::uuid
ORDER BY o.id

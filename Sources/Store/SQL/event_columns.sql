-- What an event consists of. No statement: it is put in the place of {event} in others
e.id, e.order_id, e.version, e.type, e.status, e.reason,
to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
t.name, o.product, o.reference, p.name, o.trace, e.place, coalesce(e.published_at < 'infinity', false),
coalesce(e.reason_code, reason_code_of(e.status, e.reason)),
n.name, n.subject, n.data, e.stage,
CASE WHEN e.type = 'sevk.order.rated' THEN (SELECT r.stars FROM order_ratings r WHERE r.order_id = e.order_id) END

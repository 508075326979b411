-- An order at a desk with its offers, in one look. $1 order. Answers with a row for each partner who was asked or may be, in the
-- order of the desk, with the order's columns first; one row with NULLs behind those where there is none
SELECT o.version::bigint, o.status, f.revision::bigint, f.flow, f.rule, f.when_nobody, f.accept_within_ms, f.handover, f.stage,
  f.partner_id, f.cancel_by, f.cancel_who, f.cancel_note, (date_part('epoch', f.cancel_at) * 1000)::bigint, f.tries::bigint,
  (date_part('epoch', f.deadline - clock_timestamp()) * 1000)::bigint, o.refund_claimed_at IS NOT NULL, f.provider_id,
  p.id, p.name, t.place IS NOT NULL AND p.state = 'active', x.state, x.price, x.note, x.responded, x.gave_up, o.tenant_id,
  f.attempt::bigint, (date_part('epoch', f.changed_at) * 1000)::bigint
FROM fulfilments f JOIN orders o ON o.id = f.order_id AND o.attempt = f.attempt
LEFT JOIN LATERAL (
  SELECT partner_id FROM offers x WHERE x.order_id = f.order_id AND x.attempt = f.attempt
  UNION
  SELECT partner_id FROM desk_partners t WHERE t.provider_id = f.provider_id) AS those ON true
LEFT JOIN partners p ON p.id = those.partner_id AND p.tenant_id = o.tenant_id
LEFT JOIN offers x ON x.order_id = f.order_id AND x.attempt = f.attempt AND x.partner_id = p.id
LEFT JOIN desk_partners t ON t.provider_id = f.provider_id AND t.partner_id = p.id
WHERE f.order_id = $1::uuid
ORDER BY t.place, p.id

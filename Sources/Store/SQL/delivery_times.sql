-- How long one tenant's orders of the last 24 hours took from being recorded to being completed: for each product how many
-- were looked at, and in ms the middle and what 95 of 100 stayed below. Of each hour the newest are looked at, so that it costs
-- the same however many there are. $1 tenant, $2 ms of Unix time now, $3 most orders of an hour
SELECT o.product, count(*), (percentile_disc(0.5) WITHIN GROUP (ORDER BY o.took))::bigint,
       (percentile_disc(0.95) WITHIN GROUP (ORDER BY o.took))::bigint
FROM generate_series(0, 23) AS h (ago)
CROSS JOIN LATERAL (
  SELECT lpad(to_hex($2::bigint - (h.ago + 1) * 3600000), 12, '0') AS first, lpad(to_hex($2::bigint - h.ago * 3600000), 12, '0') AS next
) AS t
CROSS JOIN LATERAL (
  SELECT product, date_part('epoch', updated_at - created_at) * 1000 AS took FROM orders
  -- Ids begin with their time. As a pair, so that only the tenant's own index will do: see list_orders.
  WHERE (tenant_id, id) >= ($1::bigint, (t.first || '00000000000000000000')::uuid)
    AND (tenant_id, id) < ($1::bigint, (t.next || '00000000000000000000')::uuid)
    AND status = 'completed'
  ORDER BY tenant_id DESC, id DESC LIMIT $3
) AS o
GROUP BY o.product

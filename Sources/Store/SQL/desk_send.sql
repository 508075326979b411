-- What a desk has under a reference. $1 reference, $2 provider. Answers with the order's status and stage; no row where nothing
-- was handed over under it, or another send of the order took its place
SELECT o.status, f.stage FROM fulfilments f JOIN orders o ON o.id = f.order_id
WHERE f.order_id = (SELECT a.order_id FROM attempts a WHERE a.reference = $1::text AND a.provider_id = $2::bigint)
  AND f.reference = $1::text AND f.provider_id = $2::bigint

-- Orders of a partner, newest first. $1 partner, $2 offered, mine or done, $3 before this order or null, $4 at the most.
-- Answers with their ids
SELECT order_id::text FROM (
  (SELECT x.order_id FROM offers x JOIN fulfilments f ON f.order_id = x.order_id AND f.attempt = x.attempt
   JOIN orders o ON o.id = x.order_id AND o.attempt = x.attempt
   WHERE $2::text = 'offered' AND x.partner_id = $1::bigint AND x.state IN ('offered', 'responded') AND o.status = 'sent'
     AND ($3::uuid IS NULL OR x.order_id < $3::uuid)
   ORDER BY x.order_id DESC LIMIT $4)
  UNION ALL
  (SELECT f.order_id FROM fulfilments f JOIN orders o ON o.id = f.order_id AND o.attempt = f.attempt
   WHERE $2::text <> 'offered' AND f.partner_id = $1::bigint AND ($3::uuid IS NULL OR f.order_id < $3::uuid)
     AND (o.status = 'sent') = ($2::text = 'mine')
   ORDER BY f.order_id DESC LIMIT $4)) AS those
ORDER BY order_id DESC LIMIT $4

-- The sealed hand-over code of whoever has an order. $1 order, $2 attempt, $3 who has it
SELECT code FROM fulfilments WHERE order_id = $1::uuid AND attempt = $2::int AND partner_id = $3::bigint AND code IS NOT NULL

-- Whose orders an order was passed on from, the first one first, with commas between them; null for most. $1 order
SELECT chain FROM orders WHERE id = $1::uuid

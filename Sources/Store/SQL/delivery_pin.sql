-- The PIN of the order that a delivery is about, sealed, and whether the order is completed: contested, it is shown to nobody.
-- $1 order, $2 tenant
SELECT pin, status = 'completed' FROM orders WHERE id = $1::uuid AND tenant_id = $2 AND pin IS NOT NULL

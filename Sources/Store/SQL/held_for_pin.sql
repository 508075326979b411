-- The orders that are held because the provider gave them the PIN of another: OrderChecker words the reason. $1 the other
SELECT id FROM orders
WHERE status = 'held' AND position('the PIN of order ' || $1::text || ',' IN reason) > 0
ORDER BY id

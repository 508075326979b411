-- The orders that are held because the provider gave them the PIN of another. $1 the other
SELECT id FROM orders
WHERE status = 'held'
  AND CASE WHEN coded_for = reason_mark(version, checks) THEN pin_of ELSE pin_of_words(reason) END = $1::uuid
ORDER BY id

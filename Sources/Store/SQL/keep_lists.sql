-- Begins a transaction that keeps the lists of orders itself, which triggers otherwise do, and waits so long for a lock; then
-- it fails with SQLSTATE 55P03. $1 such as 200ms
SELECT set_config('lock_timeout', $1, true), set_config('sevk.keeps_lists', 'yes', true)

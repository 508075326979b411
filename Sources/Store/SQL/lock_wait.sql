-- Lets what follows in the transaction wait so long for a lock; then it fails with SQLSTATE 55P03. $1 such as 200ms
SELECT set_config('lock_timeout', $1, true)

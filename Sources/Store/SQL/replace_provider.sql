-- Writes a provider's settings over those that were read; nothing when they have changed since, or when they are another
-- account's and an order is open or held at the old one. After lock_provider.sql, so that no send begins meanwhile.
-- $1 name, $2 URL, $3 sealed credentials, $4 timeout, $5 concurrency, $6 rate, $7 to $11 durations in ms, $12 decimal mark,
-- $13 updated_at as it was read, $14 whether it is another account
UPDATE providers p SET
  base_url = $2, credentials = $3, timeout_ms = $4, concurrency_max = $5, rate_per_second = $6,
  trust_not_found_after_ms = $7, check_first_ms = $8, check_backoff_ms = $9, check_backoff_max_ms = $10,
  check_deadline_ms = $11, decimal_mark = $12, account_epoch = account_epoch + $14::boolean::int,
  -- Of two changes within a microsecond the second must be told from the first as well.
  updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
WHERE name = $1 AND updated_at::text = $13
  AND (NOT $14::boolean OR NOT EXISTS (
    SELECT FROM unsettled_orders u JOIN orders o ON o.id = u.order_id
    WHERE o.provider_id = p.id AND u.status IN ('sending', 'sent', 'unresolved', 'held')))
RETURNING id

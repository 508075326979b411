-- Providers with the time since they last changed. No parameters
SELECT id, name, adapter, base_url, credentials, timeout_ms, concurrency_max, rate_per_second,
       trust_not_found_after_ms, check_first_ms, check_backoff_ms, check_backoff_max_ms, check_deadline_ms, balance,
       (extract(epoch FROM paused_at) * 1000)::bigint, pause_note, account_epoch, decimal_mark, updated_at::text, currency,
       array_to_string(second_look_ms, ','), (extract(epoch FROM clock_timestamp() - paused_at) * 1000)::bigint, failover_after_ms,
       second_person_above::text
FROM providers ORDER BY id

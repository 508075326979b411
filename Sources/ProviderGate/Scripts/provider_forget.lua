-- Forgets what was learnt of a provider from its answers: costs, sums, pauses. Slots and the breaker stay; when it is open,
-- it is probed at once.
-- KEYS    1 state  2 costs  3 ledger
-- returns 1
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HDEL', KEYS[1], 'sums', 'trouble_pause', 'trouble_at', 'balance_probe', 'probe_ends', 'until')
return 1

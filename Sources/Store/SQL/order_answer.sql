-- No statement: the names of what order_columns.sql lists, with the code and whom it is for at the end.
       id, version, status, tenant_id, product, fields, reference, priority, quantity, reason, provider_id, provider_reference,
       attempt, checks, since_send, until_due, cost, has_pin, created, updated, trace, age, witness, witness_print,
       witness_words, witness_age, refund_claimed, asks, stage, reason_code, player

-- No statement: what OrderRow reads of an order o. Who reads or writes orders answers with these columns first.
       o.id, o.version, o.status, o.tenant_id, o.product, o.fields, o.reference, o.priority, o.quantity, o.reason,
       o.provider_id, o.provider_reference, o.attempt, o.checks,
       (extract(epoch FROM clock_timestamp() - o.sent_at) * 1000)::bigint,
       (extract(epoch FROM o.due_at - clock_timestamp()) * 1000)::bigint,
       o.cost, o.pin IS NOT NULL,
       (extract(epoch FROM o.created_at) * 1000)::bigint, (extract(epoch FROM o.updated_at) * 1000)::bigint, o.trace,
       (extract(epoch FROM clock_timestamp() - o.created_at) * 1000)::bigint,
       CASE WHEN o.witness_version = o.version THEN o.witness END, o.witness_print, o.witness_words,
       (extract(epoch FROM clock_timestamp() - o.witnessed_at) * 1000)::bigint,
       CASE WHEN o.coded_for = reason_mark(o.version, o.checks) THEN o.reason_code
            ELSE reason_code_of(o.status, o.reason) END,
       o.player

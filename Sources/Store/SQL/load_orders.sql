-- Orders by id. $1 id
SELECT id, version, status, tenant_id, product, fields, reference, priority, quantity, reason,
       provider_id, provider_reference, attempt, checks,
       (extract(epoch FROM clock_timestamp() - sent_at) * 1000)::bigint,
       (extract(epoch FROM due_at - clock_timestamp()) * 1000)::bigint,
       cost, pin IS NOT NULL,
       (extract(epoch FROM created_at) * 1000)::bigint, (extract(epoch FROM updated_at) * 1000)::bigint, trace,
       (extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint,
       CASE WHEN witness_version = version THEN witness END, witness_print, witness_words,
       (extract(epoch FROM clock_timestamp() - witnessed_at) * 1000)::bigint
FROM orders WHERE id = ANY ($1::uuid[])

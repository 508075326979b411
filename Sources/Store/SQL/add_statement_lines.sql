-- Lines of a statement. $1 statement, $2 lines, $3 references (empty where a line names the provider's order only), $4 amounts,
-- $5 status words, $6 what they mean, $7 ms of Unix time, $8 the provider's names for the orders, $9 whether each is damaged
INSERT INTO statement_lines (statement_id, line, reference, amount, status, meaning, at, provider_order_id, is_damaged)
SELECT $1::bigint, line, reference, amount, status, meaning, to_timestamp(at / 1000.0), provider_order_id, is_damaged
FROM unnest($2::int[], $3::text[], $4::numeric[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::boolean[])
  AS l (line, reference, amount, status, meaning, at, provider_order_id, is_damaged)

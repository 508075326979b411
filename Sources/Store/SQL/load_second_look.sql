-- A second look that is owed. $1 order
SELECT version, (date_part('epoch', due_at - clock_timestamp()) * 1000)::bigint, tries, said,
       (date_part('epoch', clock_timestamp() - said_at) * 1000)::bigint
FROM second_looks WHERE order_id = $1::uuid

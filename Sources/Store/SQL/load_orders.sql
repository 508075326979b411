-- Orders by id. $1 id
SELECT {columns}
       CASE WHEN o.coded_for = reason_mark(o.version, o.checks) THEN o.reason_code
            ELSE reason_code_of(o.status, o.reason) END,
       o.player, o.metadata
FROM orders o WHERE o.id = ANY ($1::uuid[])

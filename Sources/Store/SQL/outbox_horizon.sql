-- Which transactions are over, and how far events go: the oldest transaction that still writes, the first that has not
-- begun, and the last event that can be seen. No parameters
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
       coalesce((SELECT max(id) FROM events), 0)

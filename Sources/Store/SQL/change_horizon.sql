-- The first change that list_changed_orders does not list yet
SELECT base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM change_base WHERE one

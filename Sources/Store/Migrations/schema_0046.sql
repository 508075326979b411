-- Programs of schema 8 and later go on working.
-- Runs over many orders can be a shop's own, begun through the API; and what people did and changed is dropped after a long time.

-- Whose orders it is about, where a shop began it; null: anybody's, by people who run Sevk. A tenant that was removed leaves it.
ALTER TABLE order_runs ADD COLUMN tenant_id bigint,
  -- With whom a second person is compared, where that is not who: the token's name, whomever it says that it acts for.
  ADD COLUMN person text;
CREATE INDEX order_runs_by_tenant ON order_runs (tenant_id, id) WHERE tenant_id IS NOT NULL;

-- Who only runs may drop what is old, and by this alone: what is younger than 30 days stays, whatever is asked for. A run
-- that has not ended stays however old it is.
CREATE FUNCTION drop_old_acts(age_ms bigint, rows_max bigint, OUT act_rows bigint, OUT audit_rows bigint, OUT run_rows bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  horizon timestamptz := now() - greatest(age_ms, 2592000000) * interval '1 millisecond';
BEGIN
  DELETE FROM acts WHERE id IN (SELECT a.id FROM acts a WHERE a.at < horizon ORDER BY a.id LIMIT rows_max);
  GET DIAGNOSTICS act_rows = ROW_COUNT;
  DELETE FROM setup_audits WHERE id IN (SELECT a.id FROM setup_audits a WHERE a.at < horizon ORDER BY a.id LIMIT rows_max);
  GET DIAGNOSTICS audit_rows = ROW_COUNT;
  DELETE FROM order_runs WHERE id IN (
    SELECT r.id FROM order_runs r WHERE r.state IN ('ended', 'aborted') AND coalesce(r.ended_at, r.drawn_at) < horizon
    ORDER BY r.id LIMIT rows_max);
  GET DIAGNOSTICS run_rows = ROW_COUNT;
END $$;

REVOKE EXECUTE ON FUNCTION drop_old_acts(bigint, bigint) FROM PUBLIC;
DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION drop_old_acts(bigint, bigint) TO sevk_app;
  END IF;
END $$;

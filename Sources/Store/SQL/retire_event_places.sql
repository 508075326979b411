-- Drops the positions of events that are kept no longer, the first $1 of them. Returns how many rows were dropped
WITH dropped AS (
  DELETE FROM event_places WHERE last IN (
    SELECT last FROM event_places p
    WHERE last <= (SELECT min(position) FROM event_sinks) AND NOT EXISTS (
      SELECT FROM unnest(p.ids) AS i (id) JOIN events e ON e.id = i.id)
    ORDER BY last LIMIT $1)
  RETURNING last, ids
), told AS (
  -- The last of each subject says which version is next.
  DELETE FROM notices n USING dropped d, unnest(d.ids) AS gone (id)
  WHERE n.event_id = gone.id AND EXISTS (SELECT FROM notices m WHERE m.id = n.id AND m.version > n.version)
), of_tenants AS (
  DELETE FROM tenant_event_runs r USING dropped d, tenants t WHERE r.tenant_id = t.id AND r.last = d.last
), late AS (
  DELETE FROM late_events l USING dropped d, unnest(d.ids) AS gone (id) WHERE l.id = gone.id
)
SELECT count(*) FROM dropped

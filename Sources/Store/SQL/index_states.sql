-- Where indexes stand that are built outside a transaction. $1 their names. Returns the name, whether it is there,
-- whether it can be used, and whether somebody is building one on its table now
SELECT wanted.name, i.indexrelid IS NOT NULL, coalesce(i.indisvalid AND i.indisready, false), EXISTS (
  SELECT FROM pg_stat_progress_create_index p WHERE p.datname = current_database() AND p.relid = i.indrelid)
FROM unnest($1::text[]) AS wanted (name)
LEFT JOIN pg_index i ON i.indexrelid = to_regclass(wanted.name)

-- $1 event id
UPDATE events SET published_at = now() WHERE id = ANY ($1::bigint[])

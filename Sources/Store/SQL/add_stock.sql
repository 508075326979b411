-- Adds codes to a product. One that is there already is left out of the answer. $1 provider, $2 product, $3 file, $4 sealed
-- codes, $5 prints, $6 serials, $7 costs, $8 ms of Unix time at which each expires, $9 lines
INSERT INTO stock_codes (provider_id, product, file_id, code, print, serial, cost, expires_at, line)
SELECT $1::bigint, $2::text, $3::bigint, code, print, serial, cost, to_timestamp(expires / 1000.0), line
FROM unnest($4::bytea[], $5::bytea[], $6::text[], $7::numeric[], $8::bigint[], $9::int[])
  AS c (code, print, serial, cost, expires, line)
ORDER BY line
ON CONFLICT (print) DO NOTHING
RETURNING line::bigint

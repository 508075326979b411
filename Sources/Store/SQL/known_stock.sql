-- Which of some codes are there already, or were given by any provider. $1 the prints, each under every secret key that is
-- known, $2 for each of those its place in what was asked. Answers with place, code, file, line; the code is null where the
-- order got it from another provider
SELECT DISTINCT ON (p.place) p.place, c.id, c.file_id, c.line::bigint
FROM unnest($1::bytea[], $2::bigint[]) AS p (print, place)
LEFT JOIN stock_codes c ON c.print = p.print
LEFT JOIN pins g ON g.print = encode(substring(p.print FOR 16), 'hex')::uuid
WHERE c.id IS NOT NULL OR g.print IS NOT NULL
ORDER BY p.place, c.id

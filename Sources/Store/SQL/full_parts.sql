-- The parts of $1 that were full $2 ms ago, oldest first: each with its number, and the ids that it begins and ends before
SELECT number, CASE WHEN began_at = '-infinity' THEN -1 ELSE (number << 32) - 1 END, (number + 1) << 32
FROM (SELECT *, lead(began_at) OVER (ORDER BY number) AS full_at FROM row_parts WHERE parent = $1) AS parts
WHERE full_at < now() - $2::bigint * interval '1 millisecond' ORDER BY number

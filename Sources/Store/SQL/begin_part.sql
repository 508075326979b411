-- Begins a new part of $1 unless the last one is empty or began less than $2 ms ago. Returns whether it did
SELECT begin_part($1, $2)

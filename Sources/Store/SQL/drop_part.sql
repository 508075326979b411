-- Drops part $2 of $1, which was full $3 ms ago, and keeps in the rest what the orders of $4 have in it. Returns how many rows
-- it kept, or null if it may not be dropped yet. Fails with 55000 while some sink lacks an event of it
SELECT drop_part($1, $2, $3, $4::uuid[])

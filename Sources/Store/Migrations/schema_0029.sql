-- Programs of schema 8 and later go on working.
-- What a shop keeps with an order for itself, as it wrote it: JSON that is never looked into. An order without it is no longer
-- than before.
ALTER TABLE orders ADD COLUMN metadata text;

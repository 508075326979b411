-- Programs of schema 8 and later go on working.
-- Whose orders an order was passed on from (the header Sevk-Order-Chain): ids with commas between them, the first one first. Null for
-- what a shop posts for itself.
ALTER TABLE orders ADD COLUMN chain text;

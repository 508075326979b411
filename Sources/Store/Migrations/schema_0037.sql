-- Programs of schema 8 and later go on working.
-- Whose orders an order was passed on from (the header Sevk-Order-Chain): ids with commas between them, the first one first. Null for
-- what a shop posts for itself.
ALTER TABLE orders ADD COLUMN chain text;

-- Outside a transaction:
-- A provider's notice names its own order.
CREATE INDEX CONCURRENTLY attempts_by_own_name ON attempts (provider_order_id, provider_id) WHERE provider_order_id IS NOT NULL;

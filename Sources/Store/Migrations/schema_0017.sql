-- Programs of schema 8 and later go on working.
-- The provider's own name for the order of a send, beside our reference: its people find it by that.
ALTER TABLE attempts ADD COLUMN provider_order_id text;

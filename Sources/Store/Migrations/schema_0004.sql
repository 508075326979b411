-- PINs as they look to nobody without the secret key (HMAC-SHA-256), so that one given to two orders is noticed.
CREATE TABLE pin_prints (
  print    bytea PRIMARY KEY CHECK (length(print) = 32),
  order_id uuid NOT NULL REFERENCES orders
);

-- Whether the product is a code to hand on: then a completion without one is not believed.
ALTER TABLE routes ADD COLUMN pin_required boolean NOT NULL DEFAULT false;

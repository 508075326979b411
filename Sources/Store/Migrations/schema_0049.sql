-- Programs of schema 8 and later go on working.
-- The customer's page of an order: how it looks for each tenant, when its PIN was shown there, and what the customer said.

-- A tenant without a row has the page as it is.
CREATE TABLE tenant_pages (
  tenant_id  bigint PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
  name       text CHECK (length(name) BETWEEN 1 AND 60),        -- what customers know it by; null: the tenant's name
  colour     text CHECK (colour ~ '^#[0-9a-f]{6}$'),
  logo       bytea CHECK (octet_length(logo) BETWEEN 1 AND 12288),
  logo_type  text CHECK (logo_type IN ('image/svg+xml', 'image/png')),
  shows_pin  boolean NOT NULL DEFAULT true,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((logo IS NULL) = (logo_type IS NULL))
);

-- When an order's PIN was shown on its page; once a minute at most. Written once, never changed.
CREATE TABLE page_reveals (
  order_id uuid NOT NULL,
  version  int NOT NULL,                                        -- of the order
  at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX page_reveals_by_order ON page_reveals (order_id, at);

-- What the customer said of an order, once. The text is the customer's and stands in no event.
CREATE TABLE order_ratings (
  order_id uuid PRIMARY KEY,
  stars    smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
  text     text NOT NULL CHECK (length(text) <= 1000),          -- '' where there is none
  at       timestamptz NOT NULL DEFAULT now()
);

DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL AND current_user <> 'sevk_app' THEN
    GRANT SELECT, INSERT ON page_reveals, order_ratings TO sevk_app;
    GRANT SELECT ON tenant_pages TO sevk_app;
    REVOKE INSERT, UPDATE ON tenant_pages FROM sevk_app;
    REVOKE UPDATE ON page_reveals, order_ratings FROM sevk_app;
  END IF;
  -- How many stars, which an event says; not the words.
  IF to_regrole('sevk_gateway') IS NOT NULL THEN GRANT SELECT (order_id, stars) ON order_ratings TO sevk_gateway; END IF;
END $$;

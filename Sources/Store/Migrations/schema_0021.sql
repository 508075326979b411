-- Programs of schema 8 and later go on working.
-- An order leaves less behind: half of a PIN's print is enough to tell it from others (of a thousand million PINs two are
-- taken for one with a chance of 1 to 10^21), and is stored in half of the bytes. And it prepares schema 23.

-- Whose PIN it is: the first 16 bytes of its print. Without an index on orders: old ones are looked for in passing.
CREATE TABLE pins (
  print    uuid PRIMARY KEY,
  order_id uuid NOT NULL
);

-- What was claimed before this schema stays in pin_prints until it is forgotten, and programs from before go on writing there.
-- Each claim of theirs is one in pins as well, so of two that claim a PIN at once, whatever their schema, one gets it.
SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);
CREATE FUNCTION claim_pin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE half uuid := encode(substring(NEW.print FOR 16), 'hex')::uuid;
BEGIN
  IF EXISTS (SELECT FROM pin_prints WHERE print = NEW.print) THEN RETURN NEW; END IF;
  INSERT INTO pins (print, order_id) VALUES (half, NEW.order_id) ON CONFLICT DO NOTHING;
  -- Another order has it: then there is nothing to insert, as with a print that is taken.
  IF NOT EXISTS (SELECT FROM pins WHERE print = half AND order_id = NEW.order_id) THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER claim_pin BEFORE INSERT ON pin_prints FOR EACH ROW EXECUTE FUNCTION claim_pin();

-- As before, with the new table.
CREATE OR REPLACE FUNCTION empty_order_lists() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  TRUNCATE unsettled_orders, settled_orders, unfulfilled_orders, pin_prints, pins;
  RETURN NULL;
END $$;

-- A batch changes most rows of a page at once: with less room some move to other pages, and leave holes that nothing fills. So
-- more room takes less. And ids that are made together arrive out of order: a full page of an index would be split in halves.
-- For pages that are written from now on.
ALTER TABLE orders SET (fillfactor = 60);
ALTER INDEX orders_pkey SET (fillfactor = 75);
ALTER INDEX orders_by_tenant SET (fillfactor = 70);

-- Programs from before have no other rights until roles.sql has run.
DO $$ BEGIN
  IF to_regrole('sevk_app') IS NOT NULL THEN
    GRANT SELECT, INSERT, DELETE ON pins TO sevk_app;
    REVOKE UPDATE ON pins FROM sevk_app;
  END IF;
  IF to_regrole('sevk_read') IS NOT NULL THEN REVOKE SELECT ON pins FROM sevk_read; END IF;
END $$;

-- What schema 23 needs to know of the rows that there are. Not read through here: that is for schema 22, beside which
-- writes go on.
DO $$
DECLARE
  parent text;
  most bigint;
BEGIN
  FOREACH parent IN ARRAY ARRAY['events', 'exchanges'] LOOP
    most := coalesce(pg_sequence_last_value(pg_get_serial_sequence(parent, 'id')::regclass), 0);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (id < %s) NOT VALID', parent, parent || '_first_part', ((most >> 32) + 1) << 32);
  END LOOP;
END $$;

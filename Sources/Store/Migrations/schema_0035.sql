-- Programs of schema 8 and later go on working.
-- Where a provider books a reference once, a send whose answer was lost may be repeated under it.
ALTER TABLE attempts
  ADD COLUMN sent_print bytea,                         -- keyed hash of what was sent; null where it is never repeated
  ADD COLUMN resends    int NOT NULL DEFAULT 0;        -- how often it was repeated under its reference

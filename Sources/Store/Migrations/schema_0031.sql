-- Programs of schema 8 and later go on working.
-- A receiver that has too much to do says when it wants to be posted to again (Retry-After): that holds for all its events.
ALTER TABLE endpoints ADD COLUMN held_until timestamptz;

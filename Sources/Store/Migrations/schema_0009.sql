-- Programs of schema 8 and later go on working.
-- What one answer says that would settle an order; a second one must bear it out before anything follows (Orders/Witness.swift).
-- It belongs to the version of the order that it names, so that no move, of whatever program, leaves it behind.
ALTER TABLE orders
  ADD COLUMN witness         text CHECK (witness IN ('completed', 'cancelled', 'refused', 'account')),
  ADD COLUMN witness_print   bytea,                               -- keyed hash of the PIN or the line
  ADD COLUMN witness_words   text,
  ADD COLUMN witness_version int,
  ADD COLUMN witnessed_at    timestamptz;

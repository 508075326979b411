-- Programs of schema 8 and later go on working.
-- Which account a provider's address and login lead to: one more when they are changed to another account. An intent
-- under an old one is not committed, and evidence about a reference is taken from its own account only.
ALTER TABLE providers
  ADD COLUMN account_epoch int NOT NULL DEFAULT 1,
  ADD COLUMN decimal_mark  text CHECK (decimal_mark IN ('point', 'comma'));  -- null: what reads in two ways is refused

-- The terms of a send as they were when its intent was committed; null for those of programs that did not keep them.
ALTER TABLE attempts
  ADD COLUMN pin_required  boolean,
  ADD COLUMN account_epoch int;

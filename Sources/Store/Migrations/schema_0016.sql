-- Programs of schema 8 and later go on working.
-- Which field of an order names the player it is for, so that goods without a player_id can be found by whom they are for.
ALTER TABLE routes ADD COLUMN player_field text NOT NULL DEFAULT 'player_id';
-- Whom an order is for where its route's field is another one; else its fields say so, and the row is no longer than before.
ALTER TABLE orders ADD COLUMN player text;

-- Outside a transaction:
CREATE INDEX CONCURRENTLY orders_by_whom ON orders ((coalesce(player, fields ->> 'player_id')))
  WHERE coalesce(player, fields ->> 'player_id') IS NOT NULL;

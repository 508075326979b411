-- Programs of schema 8 and later go on working.
-- What an order waited for before a send of it was begun, and how long (Orders/OrderWaits.swift): for people, nothing is decided
-- by it. Null: for nothing but its turn, or nobody knows.
ALTER TABLE attempts ADD COLUMN waits text;

-- Programs of schema 8 and later go on working.
-- What a route wants of an order's fields before a provider gets them, such as {"player_id": "digits"}. Programs from
-- before send the fields as they came.
ALTER TABLE routes ADD COLUMN field_rules jsonb NOT NULL DEFAULT '{}';

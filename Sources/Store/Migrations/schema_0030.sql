-- Programs of schema 8 and later go on working.
-- A sandbox of a tenant is a tenant beside it, so that nothing of it stands in one list with what is real: orders, keys, tokens,
-- events. It has the products of the tenant and no routes of its own: its orders go to the provider whose adapter is `sandbox`,
-- which is inside the programs. Programs of before find no route for its products, and refuse its orders.
ALTER TABLE tenants
  ADD COLUMN sandbox_of bigint UNIQUE REFERENCES tenants,
  DROP CONSTRAINT tenants_name_check,
  ADD CONSTRAINT tenants_name_check CHECK (
    name ~ '^[a-z0-9][a-z0-9_-]{0,62}$' AND sandbox_of IS NULL
    OR name ~ '^[a-z0-9][a-z0-9_-]{0,62}:sandbox$' AND sandbox_of IS NOT NULL);

-- Least privileges in PostgreSQL. As the owner of the tables, after every `dispatcher migrate`: psql DATABASE -f roles.sql
-- Harmless to repeat. The owner (SEVK_DATABASE_URL of set-up commands) migrates and sets up; processes need less:
--
--   sevk_app   dispatcher run, worker run, scheduler run, and support that decides (worker order resolve, provider pause);
--              the gateway that takes what providers post (sevk-hooks)
--   sevk_gateway  gateway run, which faces the public: reads what events consist of, and who may see them; writes when a token was used
--   sevk_read  support that looks: worker order show|why|timeline, worker doctor, worker provider list|show. What it
--              reads of PINs, credentials and tokens is sealed or hashed: keep SEVK_SECRET_KEY from it
--
-- All three are groups. A login of each (as a superuser): CREATE ROLE sevk_run LOGIN PASSWORD '…' IN ROLE sevk_app;
-- The owner needs CREATEROLE only where these groups do not exist yet.
\set ON_ERROR_STOP on
BEGIN;
-- The third came later: where the owner can't make it, a superuser may, and a gateway can be one of sevk_app till then.
SELECT 'CREATE ROLE ' || name || ' NOLOGIN' FROM unnest(ARRAY['sevk_app', 'sevk_read', 'sevk_gateway']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
  AND (name <> 'sevk_gateway' OR (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user)) \gexec

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sevk_app, sevk_read;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM sevk_app, sevk_read;

-- Later migrations: what they add can be read and written, not deleted, until this file has its own line for it.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO sevk_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO sevk_app;

-- Set up by the owner alone; a process only reads it, and notes what it learns of a provider.
REVOKE INSERT, UPDATE ON schema_migrations, tenants, api_tokens, routes, providers FROM sevk_app;
GRANT UPDATE (balance, balance_at, paused_at, pause_note, updated_at) ON providers TO sevk_app;
-- When a token was last used, from the schema that has it on.
SELECT 'GRANT UPDATE (last_used_at) ON api_tokens TO sevk_app' FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'api_tokens' AND column_name = 'last_used_at' \gexec
-- Only sevk-restore, as the owner, raises the base of changes.
SELECT 'REVOKE INSERT, UPDATE ON change_base FROM sevk_app' WHERE to_regclass('public.change_base') IS NOT NULL \gexec
-- Processes register sinks of events and note how far each is; only the owner forgets one, with DELETE FROM event_sinks.
-- Written once, never changed: by nobody who only runs.
REVOKE UPDATE ON audits, exchanges, pin_prints FROM sevk_app;
-- Retention (SEVK_RETENTION, SEVK_PIN_PRINT_RETENTION) deletes these; nothing else is ever deleted.
GRANT DELETE ON exchanges, events, pin_prints TO sevk_app;
-- As for those, from the schema that has PINs in less bytes on.
SELECT 'REVOKE UPDATE ON pins FROM sevk_app; GRANT DELETE ON pins TO sevk_app' WHERE to_regclass('public.pins') IS NOT NULL \gexec
-- Events and exchanges in parts: they are read and written by way of events and exchanges, and begun and dropped by functions
-- that have the owner's rights and judge for themselves what is too old. The rests are what such parts left behind.
SELECT format('REVOKE ALL ON %I FROM sevk_app', relname) FROM pg_class
WHERE relispartition AND relkind = 'r' AND relnamespace = 'public'::regnamespace \gexec
SELECT 'GRANT SELECT, DELETE ON events_rest, exchanges_rest TO sevk_app; REVOKE INSERT, UPDATE ON row_parts FROM sevk_app; GRANT EXECUTE ON FUNCTION begin_part(text, bigint), drop_part(text, bigint, bigint, uuid[]) TO sevk_app'
WHERE to_regclass('public.row_parts') IS NOT NULL \gexec
-- Lists of orders, from the schema that has them on: who ends an order takes it out of that of the open ones.
SELECT 'GRANT DELETE ON unsettled_orders, event_places TO sevk_app; REVOKE UPDATE ON settled_orders, unfulfilled_orders, event_places FROM sevk_app'
WHERE to_regclass('public.unsettled_orders') IS NOT NULL \gexec
-- Second looks, from the schema that has them on: a row while a look is due.
SELECT 'GRANT DELETE ON second_looks TO sevk_app' WHERE to_regclass('public.second_looks') IS NOT NULL \gexec
-- Where the events of a tenant are, from the schema that has it on.
SELECT 'GRANT DELETE ON tenant_event_runs, late_events TO sevk_app; REVOKE UPDATE ON tenant_event_runs, late_events FROM sevk_app'
WHERE to_regclass('public.tenant_event_runs') IS NOT NULL \gexec
-- Codes of stocks, from the schema that has them on: what was done to them, and where they came from, stays written.
SELECT 'REVOKE UPDATE ON stock_files, stock_moves FROM sevk_app' WHERE to_regclass('public.stock_codes') IS NOT NULL \gexec
-- Partners and desks, from the schema that has them on: set up by the owner, like providers. What they do with orders, processes write.
SELECT 'REVOKE INSERT, UPDATE ON partners, partner_tokens, desks, desk_partners FROM sevk_app; GRANT UPDATE (last_used_at) ON partner_tokens TO sevk_app'
WHERE to_regclass('public.fulfilments') IS NOT NULL \gexec
-- What people changed of the set-up, from the schema that has it on: written by who sets up.
SELECT 'REVOKE INSERT, UPDATE ON setup_audits FROM sevk_app' WHERE to_regclass('public.setup_audits') IS NOT NULL \gexec
-- Statements while they are compared, from the schema that has them on.
SELECT 'GRANT DELETE ON statements, statement_lines TO sevk_app; REVOKE UPDATE ON statements FROM sevk_app'
WHERE to_regclass('public.statement_lines') IS NOT NULL \gexec
-- Events for operators, from the schema that has them on; positions are given by a trigger with the owner's rights.
SELECT 'GRANT DELETE ON notices TO sevk_app; REVOKE UPDATE ON notices FROM sevk_app' WHERE to_regclass('public.notices') IS NOT NULL \gexec
-- Endpoints and what they are told: processes make and remove them for the shops that ask.
SELECT 'GRANT DELETE ON endpoints, deliveries, delivery_attempts TO sevk_app; REVOKE UPDATE ON delivery_attempts FROM sevk_app'
WHERE to_regclass('public.endpoints') IS NOT NULL \gexec
-- Channels, whom they tell what, and what was told, from the schema that has them on: ops set up, processes tell.
SELECT 'REVOKE INSERT, UPDATE ON channels, notify_targets, notify_texts FROM sevk_app; GRANT UPDATE (held_until, trouble, trouble_since) ON channels TO sevk_app; GRANT DELETE ON notifications, channel_contacts, button_tokens, telegram_updates TO sevk_app'
WHERE to_regclass('public.notifications') IS NOT NULL \gexec
-- What people did, and their runs over many orders, from the schema that has them on: runs that nobody started are dropped.
SELECT 'GRANT DELETE ON second_asks, order_runs, order_run_items TO sevk_app; REVOKE UPDATE ON acts FROM sevk_app'
WHERE to_regclass('public.acts') IS NOT NULL \gexec
-- What is old of them, and of what was changed of the set-up, is dropped by a function that judges for itself (SEVK_ACT_RETENTION).
SELECT 'GRANT EXECUTE ON FUNCTION drop_old_acts(bigint, bigint) TO sevk_app'
WHERE EXISTS (SELECT FROM pg_proc WHERE proname = 'drop_old_acts' AND pronamespace = 'public'::regnamespace) \gexec
-- Tokens of providers, sealed, from the schema that has them on: what an earlier login left is dropped.
SELECT 'GRANT DELETE ON provider_tokens TO sevk_app' WHERE to_regclass('public.provider_tokens') IS NOT NULL \gexec
-- Secret keys by their fingerprints, from the schema that has them on: a process makes its own known and says which it has; which
-- one is used, the owner says.
SELECT 'GRANT DELETE ON key_holders TO sevk_app; REVOKE UPDATE ON secret_keys FROM sevk_app; REVOKE INSERT, UPDATE ON reseal_marks FROM sevk_app'
WHERE to_regclass('public.secret_keys') IS NOT NULL \gexec
-- Customers' pages, from the schema that has them on: how they look is set up by the owner, and what was done there stays written.
SELECT 'REVOKE INSERT, UPDATE ON tenant_pages FROM sevk_app; REVOKE UPDATE ON page_reveals, order_ratings FROM sevk_app'
WHERE to_regclass('public.tenant_pages') IS NOT NULL \gexec
-- Which installation it is, from the schema that has it on.
SELECT 'REVOKE INSERT, UPDATE ON installation FROM sevk_app' WHERE to_regclass('public.installation') IS NOT NULL \gexec
-- Written by triggers alone, which have the owner's rights; from the schema that has it on.
SELECT 'REVOKE INSERT, UPDATE ON setup_version FROM sevk_app' FROM information_schema.tables
WHERE table_schema = 'public' AND table_name = 'setup_version' \gexec

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO sevk_read;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO sevk_read;
REVOKE SELECT ON pin_prints FROM sevk_read;
SELECT 'REVOKE SELECT ON stock_codes FROM sevk_read; GRANT SELECT (id, provider_id, product, serial, cost, expires_at, state, file_id, line, order_id, reference, place, changed_at) ON stock_codes TO sevk_read'
WHERE to_regclass('public.stock_codes') IS NOT NULL \gexec
SELECT 'REVOKE SELECT ON fulfilments FROM sevk_read; GRANT SELECT (order_id, attempt, reference, provider_id, version, revision, flow, rule, when_nobody, accept_within_ms, handover, came_from, stage, partner_id, tries, cancel_by, cancel_who, cancel_note, cancel_at, deadline, begun_at, changed_at) ON fulfilments TO sevk_read'
WHERE to_regclass('public.fulfilments') IS NOT NULL \gexec
SELECT 'REVOKE SELECT ON secret_keys FROM sevk_read; GRANT SELECT (id, state, since) ON secret_keys TO sevk_read'
WHERE to_regclass('public.secret_keys') IS NOT NULL \gexec
SELECT 'REVOKE SELECT ON pins FROM sevk_read' WHERE to_regclass('public.pins') IS NOT NULL \gexec
SELECT 'REVOKE SELECT ON button_tokens, telegram_updates FROM sevk_read' WHERE to_regclass('public.notifications') IS NOT NULL \gexec
SELECT 'REVOKE SELECT ON provider_tokens FROM sevk_read' WHERE to_regclass('public.provider_tokens') IS NOT NULL \gexec

-- No PIN and nothing that a customer entered: of orders these columns alone. Of providers what the directory reads; their
-- credentials are sealed, and a gateway has no key.
SELECT statement FROM unnest(ARRAY[
  'GRANT USAGE ON SCHEMA public TO sevk_gateway',
  'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM sevk_gateway',
  'GRANT SELECT ON schema_migrations, tenants, api_tokens, providers, routes, events, event_tail TO sevk_gateway',
  'GRANT SELECT (id, tenant_id, product, reference, provider_id, trace) ON orders TO sevk_gateway',
  'GRANT SELECT ON setup_version, event_sinks, event_places, tenant_event_runs, late_events TO sevk_gateway',
  'GRANT UPDATE (last_used_at) ON api_tokens TO sevk_gateway']) AS statement
WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'sevk_gateway') AND to_regclass('public.tenant_event_runs') IS NOT NULL \gexec
SELECT 'GRANT SELECT ON installation TO sevk_gateway' WHERE to_regclass('public.installation') IS NOT NULL
  AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'sevk_gateway') \gexec
SELECT 'GRANT SELECT ON notices TO sevk_gateway' WHERE to_regclass('public.notices') IS NOT NULL
  AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'sevk_gateway') \gexec
SELECT 'GRANT SELECT (order_id, stars) ON order_ratings TO sevk_gateway' WHERE to_regclass('public.order_ratings') IS NOT NULL
  AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'sevk_gateway') \gexec
COMMIT;

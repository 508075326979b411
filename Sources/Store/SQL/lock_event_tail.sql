-- Lets one transaction at a time give positions. What it looks at next it sees as the one before it left it. Unlike a locked
-- row it writes nothing, so a look that finds no event waits for no disk. No parameters
SELECT pg_advisory_xact_lock(5346187205)

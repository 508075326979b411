-- Notes a sink that is new; from then on events are kept for it. It gets all that are kept. $1 its name
INSERT INTO event_sinks (name) VALUES ($1) ON CONFLICT (name) DO NOTHING

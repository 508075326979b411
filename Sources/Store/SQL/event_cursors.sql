-- The last position that was given, and for each sink (null: there is none) up to where it has everything. No parameters
SELECT t.last, s.name, s.position FROM event_tail t LEFT JOIN event_sinks s ON true WHERE t.one

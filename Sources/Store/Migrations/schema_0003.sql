-- A provider that a person has paused gets no sends; what it has is still asked about.
ALTER TABLE providers ADD COLUMN paused_at timestamptz, ADD COLUMN pause_note text;

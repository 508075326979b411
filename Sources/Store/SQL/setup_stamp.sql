-- The stamp of the set-up, which is another one after each change. No parameters
SELECT stamp FROM setup_version

-- Every endpoint. No parameters
SELECT id FROM endpoints ORDER BY id

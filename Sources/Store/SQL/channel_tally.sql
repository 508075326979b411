-- What waits for each channel, counted up to $1 each, and since when it is in trouble
SELECT c.name, c.adapter, (extract(epoch FROM now() - c.trouble_since) * 1000)::bigint,
       (SELECT count(*) FROM (
          SELECT 1 FROM notify_targets p JOIN notifications n ON n.target_id = p.id AND n.state = 'waiting'
          WHERE p.channel_id = c.id LIMIT $1) AS waiting), c.trouble
FROM channels c ORDER BY c.name

-- How far second looks are behind: for each delay that some provider has, for how many ms the first event behind its mark has
-- been old enough, and whether events behind the mark were dropped, so that the looks at their orders never come.
-- $1 the delays of providers that set none
SELECT m.delay_ms, greatest((
    -- The first runs behind the mark: of one or two retention may have dropped everything.
    SELECT (date_part('epoch', clock_timestamp() - min(e.at)) * 1000)::bigint
    FROM (SELECT first, ids FROM event_places WHERE last > m.position ORDER BY last LIMIT 3) AS r,
      unnest(r.ids) WITH ORDINALITY AS i (id, number), events e
    WHERE r.first + i.number - 1 > m.position AND e.id = i.id) - m.delay_ms, 0),
  m.position < (SELECT kept_after FROM event_tail WHERE one)
FROM second_look_marks m
WHERE EXISTS (SELECT FROM providers p WHERE m.delay_ms = ANY (coalesce(p.second_look_ms, $1::bigint[])))
ORDER BY 1

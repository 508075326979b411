-- What ends while no provider has a delay is not looked at after it, also if some provider has it again later.
-- $1 the delays of providers that set none
UPDATE second_look_marks m SET position = t.last FROM event_tail t
WHERE t.one AND m.position < t.last
  AND NOT EXISTS (SELECT FROM providers p WHERE m.delay_ms = ANY (coalesce(p.second_look_ms, $1::bigint[])))

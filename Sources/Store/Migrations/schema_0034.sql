-- Programs of schema 8 and later go on working.
-- A cancelled order that was sent once is asked about again as failed ones are, so it can be contested, too. And questions
-- that somebody asked for are counted, since they come sooner than the schedule would have them.
ALTER TABLE orders
  ADD COLUMN asks          int,                                 -- of the checks, those that somebody wanted at once,
  ADD COLUMN asked_version int,                                 -- in this version; of any other there were none
  -- NOT VALID: what this replaces held for every row, and allowed less.
  DROP CONSTRAINT orders_life, ADD CONSTRAINT orders_life CHECK (
    came_from || '>' || status = ANY ('{
      >pending,pending>sending,sending>sent,sent>completed,
      pending>failed,pending>cancelled,pending>held,
      sending>completed,sending>failed,sending>cancelled,sending>pending,sending>unresolved,sending>held,
      sent>failed,sent>held,
      unresolved>sent,unresolved>completed,unresolved>failed,unresolved>cancelled,unresolved>pending,unresolved>held,
      held>pending,held>sending,held>sent,held>unresolved,held>completed,held>failed,held>cancelled,
      completed>contested,failed>contested,cancelled>contested,contested>completed,contested>failed}'::text[])) NOT VALID;

-- The terms of a send as they were when it began (null where they were not kept), the provider's own name for the order, and
-- from when to when it was under way, in UTC, for people; how often it was repeated. $1 order, $2 attempt
SELECT pin_required, account_epoch, provider_order_id,
       to_char(begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
       to_char(coalesce(answered_at, clock_timestamp()) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), sent_print, resends
FROM attempts WHERE order_id = $1::uuid AND number = $2::int

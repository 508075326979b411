-- The terms of a send as they were when it began; null where they were not kept. $1 order, $2 attempt
SELECT pin_required, account_epoch, sent_print, resends FROM attempts WHERE order_id = $1::uuid AND number = $2::int

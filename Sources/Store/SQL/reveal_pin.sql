-- The PIN of a completed order is shown on its page, and that it was is written down before it is. The order's row is locked, so
-- that one which is contested at the same time shows it before or not at all. $1 id
WITH shown AS (
  SELECT id, version, pin FROM orders WHERE id = $1::uuid AND status = 'completed' AND pin IS NOT NULL FOR SHARE
), noted AS (
  INSERT INTO page_reveals (order_id, version)
  SELECT id, version FROM shown
  -- Who looks again and again makes the story no longer.
  WHERE NOT EXISTS (SELECT FROM page_reveals r WHERE r.order_id = $1::uuid AND r.at > now() - interval '1 minute')
)
SELECT pin FROM shown

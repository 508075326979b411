-- Orders that support may mean: the shop's reference, ours at the provider, or the player. $1 text, $2 at most so many
SELECT id FROM (
  SELECT id FROM orders WHERE reference = $1
  UNION SELECT order_id FROM attempts WHERE reference = $1
  UNION SELECT id FROM orders WHERE coalesce(player, fields ->> 'player_id') = $1
) AS found
ORDER BY id DESC LIMIT $2

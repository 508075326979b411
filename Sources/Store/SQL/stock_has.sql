-- Whether a stock has so many codes that can be given out. $1 provider, $2 product, $3 how many
SELECT count(*) >= $3::bigint FROM (
  SELECT FROM stock_codes
  WHERE provider_id = $1::bigint AND product = $2::text AND state = 'free' AND (expires_at IS NULL OR expires_at > now())
  LIMIT $3::bigint) AS free

-- Programs of schema 8 and later go on working.
-- Orders that ended before schema 18 and were not completed. By itself, since it may take a while and keeps nobody waiting.
INSERT INTO unfulfilled_orders (tenant_id, status, order_id)
SELECT tenant_id, status, id FROM orders WHERE status IN ('failed', 'cancelled')
ON CONFLICT DO NOTHING;

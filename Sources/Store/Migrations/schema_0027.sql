-- Programs of schema 8 and later go on working.
-- A shop claims a refund, and what a provider says of an order that ended can contest its end. Programs from before can't
-- read a contested order; none is contested before it ended an hour ago.
ALTER TABLE orders
  ADD COLUMN refund_claimed_at timestamptz,                       -- from then on no send begins
  ADD COLUMN asked_at          timestamptz;                       -- when somebody last wanted the provider asked at once

-- Of what programs from before write, too. NOT VALID: what these replace held for every row, and no row has a claim.
ALTER TABLE orders
  DROP CONSTRAINT orders_life, ADD CONSTRAINT orders_life CHECK (
    came_from || '>' || status = ANY ('{
      >pending,pending>sending,sending>sent,sent>completed,
      pending>failed,pending>cancelled,pending>held,
      sending>completed,sending>failed,sending>cancelled,sending>pending,sending>unresolved,sending>held,
      sent>failed,sent>held,
      unresolved>sent,unresolved>completed,unresolved>failed,unresolved>cancelled,unresolved>pending,unresolved>held,
      held>pending,held>sending,held>sent,held>unresolved,held>completed,held>failed,held>cancelled,
      completed>contested,failed>contested,contested>completed,contested>failed}'::text[])) NOT VALID,
  -- What was delivered is kept while it is contested.
  DROP CONSTRAINT orders_pin, ADD CONSTRAINT orders_pin
    CHECK (pin IS NULL OR status IN ('completed', 'contested')) NOT VALID,
  DROP CONSTRAINT orders_held, ADD CONSTRAINT orders_held
    CHECK (status NOT IN ('held', 'contested') OR reason IS NOT NULL) NOT VALID,
  ADD CONSTRAINT orders_claimed CHECK (refund_claimed_at IS NULL OR status <> 'pending') NOT VALID;

ALTER TABLE audits DROP CONSTRAINT audits_what_check, ADD CONSTRAINT audits_what_check CHECK (
  what IN ('received', 'not_received', 'completed', 'failed', 'retry', 'cancel', 'refund_claim'));

ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_scopes_check, ADD CONSTRAINT api_tokens_scopes_check CHECK (
  CASE WHEN tenant_id IS NULL THEN scopes = ARRAY['dashboard:read']
       ELSE scopes <@ ARRAY['orders:write', 'orders:read', 'pins:read', 'orders:resolve', 'endpoints:write', 'operator'] END);

-- As in schema 18, but an order can leave the list of those that ended unfulfilled.
SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);
-- Its plans are kept as those of statements are, so they must not read whole tables either.
CREATE OR REPLACE FUNCTION keep_order_lists() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status IN ('failed', 'cancelled') AND NEW.status <> OLD.status THEN
    DELETE FROM unfulfilled_orders WHERE tenant_id = OLD.tenant_id AND status = OLD.status AND order_id = OLD.id;
  END IF;
  IF NEW.status IN ('completed', 'failed', 'cancelled') THEN
    DELETE FROM unsettled_orders WHERE order_id = NEW.id;
    IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
      INSERT INTO settled_orders (tenant_id, changed, order_ids) VALUES (NEW.tenant_id, order_change(), ARRAY[NEW.id]);
      INSERT INTO unfulfilled_orders (tenant_id, status, order_id)
      SELECT NEW.tenant_id, NEW.status, NEW.id WHERE NEW.status <> 'completed' ON CONFLICT DO NOTHING;
    END IF;
  ELSE
    INSERT INTO unsettled_orders (order_id, tenant_id, status, changed, created_at)
    VALUES (NEW.id, NEW.tenant_id, NEW.status, order_change(), NEW.created_at)
    ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, changed = excluded.changed;
  END IF;
  IF NEW.changed <> -1 THEN UPDATE orders SET changed = -1 WHERE id = NEW.id; END IF;
  RETURN NULL;
END $$;

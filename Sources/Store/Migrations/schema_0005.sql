-- For the control question: the newest order that a provider accepted.
CREATE INDEX attempts_accepted ON attempts (provider_id, order_id) WHERE state = 'accepted';

-- Programs of schema 8 and later go on working.
-- What is wrong with providers, so that shops hear of it once and hear when it is over.
CREATE TABLE provider_troubles (
  provider_id bigint NOT NULL,
  topic       text NOT NULL CHECK (topic IN ('provider', 'balance')),
  is_bad      boolean NOT NULL,
  since       timestamptz NOT NULL DEFAULT now(),
  is_told     boolean NOT NULL DEFAULT false,         -- what shops were told last: that it is bad
  PRIMARY KEY (provider_id, topic)
);

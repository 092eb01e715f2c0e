-- migrate:up

-- When each API key was last used and from where. A table of its own: a use changes nothing about the key, so neither
-- the version of the set of keys nor the services' copies of it.
CREATE TABLE api_key_uses (
    key_id     uuid        NOT NULL,
    used_at    timestamptz NOT NULL,
    address    inet,
    -- A key's row is written at most once a minute.
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT api_key_uses_pkey PRIMARY KEY (key_id),
    CONSTRAINT api_key_uses_key_id_fkey FOREIGN KEY (key_id) REFERENCES api_keys (id) ON DELETE CASCADE
);

-- migrate:down

DROP TABLE api_key_uses;

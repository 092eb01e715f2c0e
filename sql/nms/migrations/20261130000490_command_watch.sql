-- migrate:up

-- When those who sent the commands that wait were last compared with all that was revoked, by the database's clock; one row,
-- none before the first time. Revocations are forgotten after a while: after a longer gap nobody knows what was revoked in it.
CREATE TABLE command_watch (
    singleton  boolean     NOT NULL DEFAULT true,
    watched_at timestamptz NOT NULL,
    CONSTRAINT command_watch_pkey PRIMARY KEY (singleton),
    CONSTRAINT command_watch_singleton_check CHECK (singleton)
);

-- migrate:down

DROP TABLE command_watch;

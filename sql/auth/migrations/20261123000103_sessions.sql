-- migrate:up

CREATE TABLE sessions (
    id           uuid        NOT NULL,
    user_id      bigint      NOT NULL,
    address      inet,
    user_agent   text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The last login or refresh, so behind the last request by no more than an access token's life.
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The end however often it is refreshed; and idle_until moves with each refresh.
    expires_at   timestamptz NOT NULL,
    idle_until   timestamptz NOT NULL,
    ended_at     timestamptz,
    end_reason   text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_end_reason_known CHECK (end_reason IN
        ('logout', 'logout_all', 'password', 'blocked', 'archived', 'administrator', 'reuse')),
    CONSTRAINT sessions_ended CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_live_idx ON sessions (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_address_idx ON sessions (user_id, last_seen_at);
CREATE INDEX sessions_expires_idx ON sessions (least(expires_at, idle_until));

-- Every refresh token of a session that still lives. A used one that comes again is recognised by its row.
CREATE TABLE refresh_tokens (
    hash       bytea       NOT NULL,
    session_id uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at    timestamptz,
    successor  bytea,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_tokens_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_used CHECK ((used_at IS NULL) = (successor IS NULL))
);
-- One unused token per session: the chain never forks.
CREATE UNIQUE INDEX refresh_tokens_unused_key ON refresh_tokens (session_id) WHERE used_at IS NULL;
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id);

-- migrate:down

DROP TABLE refresh_tokens;
DROP TABLE sessions;

-- migrate:up

-- Messages that a consumer of the bus could not handle, taken out of the queue nms.dead.
CREATE TABLE dead_letter (
    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- SHA-256 over queue, message id, content type and body: the same letter again is the same row.
    fingerprint  bytea       NOT NULL,
    message_id   text        NOT NULL,
    queue        text        NOT NULL,  -- where it came from and where a replay sends it
    routing_key  text        NOT NULL,
    reason       text        NOT NULL,
    error        text        NOT NULL,  -- the last refusal's public text
    attempts     integer     NOT NULL,  -- how often a handler had it, before it died last
    deaths       integer     NOT NULL DEFAULT 1,
    died_at      timestamptz NOT NULL,
    content_type text        NOT NULL,
    body         bytea       NOT NULL,
    replays      integer     NOT NULL DEFAULT 0,
    replayed_at  timestamptz,           -- NULL while it is dead
    CONSTRAINT dead_letter_pkey PRIMARY KEY (id),
    CONSTRAINT dead_letter_fingerprint_key UNIQUE (fingerprint),
    CONSTRAINT dead_letter_replayed CHECK (replayed_at IS NULL OR replays > 0)
);
CREATE INDEX dead_letter_dead_idx ON dead_letter (id) WHERE replayed_at IS NULL;

-- migrate:down

DROP TABLE dead_letter;

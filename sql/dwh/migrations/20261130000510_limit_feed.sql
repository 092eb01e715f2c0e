-- migrate:up

-- The frames that limits are to be evaluated on. Whoever stores frames adds a row per slot (the equipment's id % 8) in the same transaction and never
-- waits for another; who evaluates a slot removes the rows that it has evaluated.
CREATE TABLE limit_feed (
    slot       smallint      NOT NULL,
    id         bigint        NOT NULL GENERATED ALWAYS AS IDENTITY,
    at         timestamptz   NOT NULL DEFAULT clock_timestamp(),
    equipments bigint[]      NOT NULL,
    frames     integer[]     NOT NULL,
    ats        timestamptz[] NOT NULL,
    CONSTRAINT limit_feed_pkey PRIMARY KEY (slot, id),
    CONSTRAINT limit_feed_slot_check CHECK (slot BETWEEN 0 AND 7),
    CONSTRAINT limit_feed_arrays CHECK (cardinality(equipments) = cardinality(frames) AND cardinality(ats) = cardinality(frames))
) WITH (
    -- A queue, as outbox is.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 20000
);

-- migrate:down

DROP TABLE limit_feed;

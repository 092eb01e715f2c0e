-- migrate:up

-- The journal: every event of the bus, once, append-only. It is partitioned by the month (UTC) of the
-- event's own time; the primary key therefore starts with it. A redelivered event has the same time and id,
-- so ON CONFLICT DO NOTHING keeps it single.
CREATE TABLE event (
    time        timestamptz NOT NULL,
    id          uuid        NOT NULL,
    -- The order of arrival, which is the order of changes within one entity; what lists page by.
    seq         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    source      text        NOT NULL,
    type        text        NOT NULL,  -- <service>.<entity>.<verb>
    subject     text        NOT NULL,  -- the entity's id
    actor       text        NOT NULL DEFAULT '',
    request_id  text        NOT NULL DEFAULT '',
    traceparent text        NOT NULL DEFAULT '',
    before      jsonb,                 -- the entity before the change, NULL when it was made
    after       jsonb,                 -- the entity after the change, NULL when it was removed
    data        jsonb,                 -- the data of an event that is no change
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT event_pkey PRIMARY KEY (time, id)
) PARTITION BY RANGE (time);

CREATE INDEX event_seq_idx ON event (seq);
CREATE INDEX event_subject_idx ON event (subject, type, seq);
CREATE INDEX event_type_idx ON event (type, seq);
CREATE INDEX event_actor_idx ON event (actor, seq);
CREATE INDEX event_request_id_idx ON event (request_id) WHERE request_id <> '';

-- Events whose time no partition holds (a clock far off) are kept all the same.
CREATE TABLE event_default PARTITION OF event DEFAULT;

-- event_partition_make makes the partition of the month that holds moment, and says whether it did. It is
-- built aside and attached, so that writers are not locked out; rows of its range that had gone to the
-- default partition move over.
CREATE FUNCTION event_partition_make(moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first_day timestamptz := date_trunc('month', moment, 'UTC');
    next_day  timestamptz := date_trunc('month', first_day + interval '32 days', 'UTC');
    part      text := 'event_' || to_char(first_day AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    -- Two makers at once: the second waits here and then finds the partition.
    PERFORM pg_advisory_xact_lock(hashtext('event_partition_make'));
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('WITH strays AS (DELETE FROM event_default WHERE time >= %L AND time < %L RETURNING *)'
        || ' INSERT INTO %I SELECT * FROM strays', first_day, next_day, part);
    EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, first_day, next_day);
    RETURN true;
END $$;

-- This month and the two after it; the service makes later ones ahead of time.
SELECT event_partition_make(now() + n * interval '1 month') FROM generate_series(0, 2) n;

-- migrate:down

DROP TABLE event;
DROP FUNCTION event_partition_make(timestamptz);

-- migrate:up

-- The journal: every event of the bus, once, append-only. It is partitioned by the month (UTC) of the
-- event's own time; the primary key therefore starts with it. A redelivered event has the same time and id,
-- so ON CONFLICT DO NOTHING keeps it single.
--
-- Lists go by (time, seq), newest first. Within one entity seq grows in the order of its changes, which
-- settles the order of those that share a microsecond.
CREATE TABLE event (
    time        timestamptz NOT NULL,
    id          uuid        NOT NULL,
    seq         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    source      text        NOT NULL,
    -- <service>.<entity>.<verb>; in the order of bytes, so that the index finds "cfg." and all below it.
    type        text        NOT NULL COLLATE "C",
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

CREATE INDEX event_subject_idx ON event (subject, time, seq);
CREATE INDEX event_type_idx ON event (type, time, seq);
CREATE INDEX event_actor_idx ON event (actor, time, seq);
CREATE INDEX event_request_id_idx ON event (request_id) WHERE request_id <> '';

-- Append-only, whoever asks: a trigger refuses changes even to the owner, whose grants are taken back below.
CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only'
        USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION event_append_only();
CREATE TRIGGER event_keep BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_append_only();

-- Events whose time no other partition holds (a clock far off) are kept all the same.
CREATE TABLE event_default PARTITION OF event DEFAULT;
CREATE TRIGGER event_keep BEFORE TRUNCATE ON event_default
    FOR EACH STATEMENT EXECUTE FUNCTION event_append_only();

-- TRUNCATE stays, because LOCK TABLE below asks the owner for one of the three; event_keep refuses it.
REVOKE UPDATE, DELETE ON event, event_default FROM CURRENT_USER;

-- event_partition_make makes the partition of the month that holds moment, and says whether it did. It is
-- built aside and attached, so that writers of other months go on; rows of its range that had gone to the
-- default partition move over. It runs with the owner's rights, so that the service needs none of them.
CREATE FUNCTION event_partition_make(moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first_day timestamptz := date_trunc('month', moment, 'UTC');
    next_day  timestamptz := date_trunc('month', first_day + interval '32 days', 'UTC');
    part      text := 'event_' || to_char(first_day AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Two makers at once: the second waits here and then finds the partition. An advisory lock would not do,
    -- because taking one does not bring what is cached about the catalogue up to date.
    LOCK TABLE ONLY event IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    LOCK TABLE event_default IN ACCESS EXCLUSIVE MODE; -- the attachment takes it anyway
    IF EXISTS (SELECT FROM event_default WHERE time >= first_day AND time < next_day) THEN
        GRANT DELETE ON event_default TO CURRENT_USER;
        ALTER TABLE event_default DISABLE TRIGGER event_append_only;
        EXECUTE format('WITH strays AS (DELETE FROM event_default WHERE time >= %L AND time < %L RETURNING *)'
            || ' INSERT INTO %I SELECT * FROM strays', first_day, next_day, part);
        ALTER TABLE event_default ENABLE TRIGGER event_append_only;
        REVOKE DELETE ON event_default FROM CURRENT_USER;
    END IF;
    EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, first_day, next_day);
    EXECUTE format('CREATE TRIGGER event_keep BEFORE TRUNCATE ON %I FOR EACH STATEMENT'
        || ' EXECUTE FUNCTION event_append_only()', part);
    EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM CURRENT_USER', part);
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION event_partition_make(timestamptz) FROM PUBLIC;

-- event_partitions_ahead makes this month's partition and those of the next months, and those of past
-- months of which the default partition holds events. It gives how many were made.
CREATE FUNCTION event_partitions_ahead(months integer) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wanted timestamptz[] := ARRAY(
        SELECT now() + n * interval '1 month' FROM generate_series(0, months) n
        UNION
        SELECT DISTINCT date_trunc('month', time, 'UTC') FROM event_default
        WHERE time >= now() - interval '10 years' AND time < now());
    month timestamptz;
    made  integer := 0;
BEGIN
    FOREACH month IN ARRAY wanted LOOP
        made := made + event_partition_make(month)::integer;
    END LOOP;
    RETURN made;
END $$;

SELECT event_partitions_ahead(2);

-- migrate:down

DROP TABLE event;
DROP FUNCTION event_partitions_ahead(integer);
DROP FUNCTION event_partition_make(timestamptz);
DROP FUNCTION event_append_only();

-- migrate:up

-- event_partition_make is called by event_partitions_ahead, and by operators for a past month: both take the same turn
-- now. Without it the one has read event_default and waits for the other's lock of event, the other has event and waits
-- for event_default. Only a lock that is taken before everything else parts them.
CREATE OR REPLACE FUNCTION event_partition_make(moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first_day timestamptz := date_trunc('month', moment, 'UTC');
    next_day  timestamptz := date_trunc('month', first_day + interval '32 days', 'UTC');
    part      text := 'event_' || to_char(first_day AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('event_partitions'));
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- An advisory lock alone would not do, because taking one does not bring what is cached about the catalogue up to date.
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

-- migrate:down

CREATE OR REPLACE FUNCTION event_partition_make(moment timestamptz) RETURNS boolean
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

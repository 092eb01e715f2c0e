-- migrate:up

-- Two instances that start at once both look for the months to make, which reads event_default until the end of
-- the transaction, and then wait for each other's lock of it: a deadlock. They take turns from the beginning now. The
-- advisory lock needs no right, and what each has to see of the other's work is settled by event_partition_make.
CREATE OR REPLACE FUNCTION event_partitions_ahead(months integer) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wanted timestamptz[];
    month  timestamptz;
    made   integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('event_partitions'));
    wanted := ARRAY(
        SELECT now() + n * interval '1 month' FROM generate_series(0, months) n
        UNION
        SELECT DISTINCT date_trunc('month', time, 'UTC') FROM event_default
        WHERE time >= now() - interval '10 years' AND time < now());
    FOREACH month IN ARRAY wanted LOOP
        made := made + event_partition_make(month)::integer;
    END LOOP;
    RETURN made;
END $$;

-- migrate:down

CREATE OR REPLACE FUNCTION event_partitions_ahead(months integer) RETURNS integer
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

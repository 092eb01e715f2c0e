-- migrate:up

-- Equipment that does not answer is polled more seldom. failures: how many polls in a row were not answered, since when; not_before: it is not
-- polled until then. Those that are due meanwhile are left out.
ALTER TABLE telemetry_poll
    ADD COLUMN failures      integer NOT NULL DEFAULT 0,
    ADD COLUMN failing_since timestamptz,
    ADD COLUMN not_before    timestamptz,
    ADD CONSTRAINT telemetry_poll_failing_check CHECK (num_nulls(failing_since, not_before) = CASE failures WHEN 0 THEN 2 ELSE 0 END);

-- migrate:down

ALTER TABLE telemetry_poll
    DROP CONSTRAINT telemetry_poll_failing_check,
    DROP COLUMN failures,
    DROP COLUMN failing_since,
    DROP COLUMN not_before;

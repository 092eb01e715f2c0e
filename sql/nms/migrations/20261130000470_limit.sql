-- migrate:up

-- A limit of the values of a telemetry parameter: of one piece of equipment, or (equipment_id NULL) of all that have none of their own for it.
-- levels: an array of {severity, high | low, clear}. raise and clear: how long, or how many of how many values, it takes to raise a level and to
-- re-arm it; both NULL at once. stale_s: seconds without a usable value after which an alarm of its own is raised. latched: it
-- stays raised until somebody has acknowledged it. suppresses: alarms of the equipment below are suppressed while it is raised.
CREATE TABLE telemetry_limit (
    id             bigint           NOT NULL GENERATED ALWAYS AS IDENTITY,
    name           text             NOT NULL,
    telemetry_id   bigint           NOT NULL,
    equipment_id   bigint,
    levels         jsonb            NOT NULL,
    raise_s        double precision,
    raise_n        smallint,
    raise_of       smallint,
    clear_s        double precision,
    clear_n        smallint,
    clear_of       smallint,
    stale_s        double precision,
    stale_severity text             NOT NULL DEFAULT 'warning',
    latched        boolean          NOT NULL DEFAULT false,
    suppresses     boolean          NOT NULL DEFAULT false,
    revision       bigint           NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at     timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT telemetry_limit_pkey PRIMARY KEY (id),
    CONSTRAINT telemetry_limit_telemetry_fkey FOREIGN KEY (telemetry_id) REFERENCES telemetry (id),
    CONSTRAINT telemetry_limit_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT telemetry_limit_name_check CHECK (char_length(name) BETWEEN 1 AND 80),
    CONSTRAINT telemetry_limit_levels_check CHECK (jsonb_typeof(levels) = 'array'),
    CONSTRAINT telemetry_limit_raise_check CHECK (num_nulls(raise_n, raise_of) IN (0, 2) AND (raise_s IS NULL OR raise_n IS NULL) AND raise_n BETWEEN 1 AND raise_of AND raise_of <= 64),
    CONSTRAINT telemetry_limit_clear_check CHECK (num_nulls(clear_n, clear_of) IN (0, 2) AND (clear_s IS NULL OR clear_n IS NULL) AND clear_n BETWEEN 1 AND clear_of AND clear_of <= 64),
    CONSTRAINT telemetry_limit_stale_check CHECK (stale_s > 0),
    CONSTRAINT telemetry_limit_stale_severity_check CHECK (stale_severity IN ('indeterminate', 'warning', 'minor', 'major', 'critical')),
    CONSTRAINT telemetry_limit_purpose_check CHECK (jsonb_array_length(levels) > 0 OR stale_s IS NOT NULL)
);
CREATE INDEX telemetry_limit_telemetry_idx ON telemetry_limit (telemetry_id);
CREATE INDEX telemetry_limit_equipment_idx ON telemetry_limit (equipment_id);

-- Limits are evaluated by slots: a piece of equipment belongs to the slot id % 8. Whoever evaluates a slot holds it until leased_until and writes
-- nothing when it is another's by then. taken: the rows of limit_feed, in the database dwh, whose values are evaluated but which may still be
-- there; they are written in the transaction of what was found.
CREATE TABLE limit_slot (
    id           smallint    NOT NULL,
    owner        uuid,
    leased_until timestamptz,
    taken        bigint[]    NOT NULL DEFAULT '{}',
    CONSTRAINT limit_slot_pkey PRIMARY KEY (id),
    CONSTRAINT limit_slot_id_check CHECK (id BETWEEN 0 AND 7),
    CONSTRAINT limit_slot_lease_check CHECK ((owner IS NULL) = (leased_until IS NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
INSERT INTO limit_slot (id) SELECT generate_series(0, 7);

-- The instances that evaluate, so that each takes its share of the slots.
CREATE TABLE limit_evaluator (
    id         uuid        NOT NULL,
    live_until timestamptz NOT NULL,
    CONSTRAINT limit_evaluator_pkey PRIMARY KEY (id)
);

-- How far the limits of a piece of equipment are evaluated: of each limit the state of its evaluation, as the service writes it.
CREATE TABLE limit_state (
    equipment_id bigint      NOT NULL,
    states       json        NOT NULL,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT limit_state_pkey PRIMARY KEY (equipment_id),
    CONSTRAINT limit_state_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- migrate:down

DROP TABLE limit_state;
DROP TABLE limit_evaluator;
DROP TABLE limit_slot;
DROP TABLE telemetry_limit;

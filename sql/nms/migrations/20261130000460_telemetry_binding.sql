-- migrate:up

-- How the value of a telemetry parameter of a piece of equipment is read: by polling, or from a series that Prometheus sends (driver
-- 'prometheus', interval_s NULL). What is kept is raw · scale + zero.
-- rate_id: the parameter that takes the rate of this counter, per second; rate_bits: its width; uptime_id: the parameter, polled with it,
-- that rises as long as the counter was not set back.
CREATE TABLE telemetry_binding (
    equipment_id bigint           NOT NULL,
    telemetry_id bigint           NOT NULL,
    driver       text             NOT NULL,
    read         jsonb            NOT NULL,
    scale        double precision NOT NULL,
    zero         double precision NOT NULL,
    interval_s   double precision,
    rate_id      bigint,
    rate_bits    smallint,
    uptime_id    bigint,
    revision     bigint           NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at   timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT telemetry_binding_pkey PRIMARY KEY (equipment_id, telemetry_id),
    CONSTRAINT telemetry_binding_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT telemetry_binding_telemetry_fkey FOREIGN KEY (telemetry_id) REFERENCES telemetry (id),
    CONSTRAINT telemetry_binding_rate_fkey FOREIGN KEY (rate_id) REFERENCES telemetry (id),
    CONSTRAINT telemetry_binding_uptime_fkey FOREIGN KEY (uptime_id) REFERENCES telemetry (id),
    CONSTRAINT telemetry_binding_driver_check CHECK (char_length(driver) BETWEEN 1 AND 20),
    CONSTRAINT telemetry_binding_read_check CHECK (jsonb_typeof(read) = 'object'),
    CONSTRAINT telemetry_binding_interval_check CHECK (interval_s BETWEEN 0.5 AND 86400),
    CONSTRAINT telemetry_binding_pushed_check CHECK ((driver = 'prometheus') = (interval_s IS NULL)),
    CONSTRAINT telemetry_binding_rate_check CHECK (num_nulls(rate_id, rate_bits, uptime_id) IN (0, 3) AND rate_bits IN (32, 64)
        AND rate_id <> telemetry_id AND uptime_id NOT IN (telemetry_id, rate_id))
);
CREATE INDEX telemetry_binding_pushed ON telemetry_binding (equipment_id) WHERE interval_s IS NULL;

-- When each piece of equipment is polled next, and who is at it until when. interval_s is the shortest of its bindings'; tick counts the
-- intervals, so that bindings with longer ones take part in every second, third … poll. counters are what the last poll read of counters, for
-- the rates of the next one; NULL after one that failed.
CREATE TABLE telemetry_poll (
    equipment_id bigint           NOT NULL,
    interval_s   double precision NOT NULL,
    due_at       timestamptz      NOT NULL,
    tick         bigint           NOT NULL DEFAULT 0,
    missed       bigint           NOT NULL DEFAULT 0,
    owner        uuid,
    leased_until timestamptz,
    polled_at    timestamptz,
    problem      text,
    counters     jsonb,
    CONSTRAINT telemetry_poll_pkey PRIMARY KEY (equipment_id),
    CONSTRAINT telemetry_poll_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT telemetry_poll_lease_check CHECK ((owner IS NULL) = (leased_until IS NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- migrate:down

DROP TABLE telemetry_poll;
DROP TABLE telemetry_binding;

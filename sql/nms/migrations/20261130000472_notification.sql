-- migrate:up

-- Who is told of alarms: a webhook or the recipients of an e-mail. The secret itself is a file of the service; here is its name.
CREATE TABLE receiver (
    id           bigint           NOT NULL GENERATED ALWAYS AS IDENTITY,
    name         text             NOT NULL,
    kind         text             NOT NULL,
    address      text             NOT NULL,
    options      jsonb            NOT NULL DEFAULT '{}',
    secret       text,
    heartbeat_s  double precision,
    heartbeat_at timestamptz,
    enabled      boolean          NOT NULL DEFAULT true,
    revision     bigint           NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at   timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT receiver_pkey PRIMARY KEY (id),
    CONSTRAINT receiver_name_check CHECK (char_length(name) BETWEEN 1 AND 80),
    CONSTRAINT receiver_kind_check CHECK (kind IN ('webhook', 'smtp')),
    CONSTRAINT receiver_address_check CHECK (char_length(address) BETWEEN 1 AND 500),
    CONSTRAINT receiver_options_check CHECK (jsonb_typeof(options) = 'object'),
    CONSTRAINT receiver_secret_check CHECK (secret ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    CONSTRAINT receiver_heartbeat_check CHECK (heartbeat_s >= 1)
);

-- Which alarms are told to whom. below: only of this piece of equipment and all below it; types: only these. group_s: what happens within it is told together.
-- repeat_s: how often it is told again that an alarm is raised that nobody has acknowledged.
CREATE TABLE route (
    id         bigint           NOT NULL GENERATED ALWAYS AS IDENTITY,
    name       text             NOT NULL,
    receivers  bigint[]         NOT NULL,
    severity   text             NOT NULL,
    below      bigint,
    types      text[],
    group_s    double precision NOT NULL,
    repeat_s   double precision,
    revision   bigint           NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT route_pkey PRIMARY KEY (id),
    CONSTRAINT route_below_fkey FOREIGN KEY (below) REFERENCES equipment (id),
    CONSTRAINT route_name_check CHECK (char_length(name) BETWEEN 1 AND 80),
    CONSTRAINT route_receivers_check CHECK (cardinality(receivers) BETWEEN 1 AND 100),
    CONSTRAINT route_severity_check CHECK (severity IN ('indeterminate', 'warning', 'minor', 'major', 'critical')),
    CONSTRAINT route_group_check CHECK (group_s BETWEEN 0 AND 3600),
    CONSTRAINT route_repeat_check CHECK (repeat_s >= 1)
);

-- Steps of alarms that somebody may have to be told of, written in the transaction of the step and removed when it is decided who is told. held: the alarm
-- is suppressed or out of service, so that it is looked at again.
CREATE TABLE alarm_notice (
    id         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    alarm_id   bigint      NOT NULL,
    version    integer     NOT NULL,
    event      text        NOT NULL,
    severity   text        NOT NULL,
    text       text        NOT NULL,
    held       boolean     NOT NULL DEFAULT false,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT alarm_notice_pkey PRIMARY KEY (id),
    CONSTRAINT alarm_notice_alarm_fkey FOREIGN KEY (alarm_id) REFERENCES alarm (id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Who was told that an alarm is raised, and is to be told when it is cleared.
CREATE TABLE alarm_told (
    alarm_id    bigint      NOT NULL,
    receiver_id bigint      NOT NULL,
    route_id    bigint      NOT NULL,
    severity    text        NOT NULL,
    repeat_at   timestamptz,
    CONSTRAINT alarm_told_pkey PRIMARY KEY (alarm_id, receiver_id),
    CONSTRAINT alarm_told_alarm_fkey FOREIGN KEY (alarm_id) REFERENCES alarm (id),
    CONSTRAINT alarm_told_receiver_fkey FOREIGN KEY (receiver_id) REFERENCES receiver (id) ON DELETE CASCADE
);
CREATE INDEX alarm_told_repeat_idx ON alarm_told (repeat_at) WHERE repeat_at IS NOT NULL;

-- What is told: an id by which a repetition is recognised, and what it says. Until due_at it gathers; once it was attempted it does not change.
CREATE TABLE delivery (
    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    guid         uuid        NOT NULL DEFAULT gen_random_uuid(),
    receiver_id  bigint      NOT NULL,
    route_id     bigint,
    kind         text        NOT NULL,
    items        jsonb       NOT NULL DEFAULT '[]',
    state        text        NOT NULL DEFAULT 'waiting',
    due_at       timestamptz NOT NULL,
    leased_until timestamptz,
    attempts     integer     NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at     timestamptz,
    problem      text,
    CONSTRAINT delivery_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_guid_key UNIQUE (guid),
    CONSTRAINT delivery_receiver_fkey FOREIGN KEY (receiver_id) REFERENCES receiver (id) ON DELETE CASCADE,
    CONSTRAINT delivery_kind_check CHECK (kind IN ('alarms', 'heartbeat', 'test')),
    CONSTRAINT delivery_items_check CHECK (jsonb_typeof(items) = 'array'),
    CONSTRAINT delivery_state_check CHECK (state IN ('waiting', 'delivered', 'failed')),
    CONSTRAINT delivery_ended_check CHECK ((state = 'waiting') = (ended_at IS NULL))
);
-- One at a time gathers for a receiver and route.
CREATE UNIQUE INDEX delivery_gathering_key ON delivery (receiver_id, route_id) WHERE state = 'waiting' AND attempts = 0 AND kind = 'alarms';
CREATE INDEX delivery_waiting_idx ON delivery (receiver_id, id) WHERE state = 'waiting';
CREATE INDEX delivery_order_idx ON delivery (created_at DESC, id DESC);
CREATE INDEX delivery_receiver_order_idx ON delivery (receiver_id, created_at DESC, id DESC);

-- migrate:down

DROP TABLE delivery;
DROP TABLE alarm_told;
DROP TABLE alarm_notice;
DROP TABLE route;
DROP TABLE receiver;

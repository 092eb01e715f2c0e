-- migrate:up

-- Numbers of revisions of what ctrl configures: unique over all rows and over removal and return of one, so that what
-- was decided by a revision can tell whether it is still the same.
CREATE SEQUENCE ctrl_revision;

-- How a piece of equipment is reached: by which driver, where, with which secret. The secret itself is a file of the
-- service; here is its name. admin_state is X.731's administrative state.
CREATE TABLE endpoint (
    equipment_id bigint      NOT NULL,
    driver       text        NOT NULL,
    address      text        NOT NULL,
    options      jsonb       NOT NULL DEFAULT '{}',
    secret       text,
    admin_state  text        NOT NULL DEFAULT 'unlocked',
    revision     bigint      NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT endpoint_pkey PRIMARY KEY (equipment_id),
    -- Rows of equipment stay when they are archived; whether the equipment is live is asked when it is used.
    CONSTRAINT endpoint_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT endpoint_driver_check CHECK (char_length(driver) BETWEEN 1 AND 20),
    CONSTRAINT endpoint_address_check CHECK (char_length(address) BETWEEN 1 AND 300),
    CONSTRAINT endpoint_options_check CHECK (jsonb_typeof(options) = 'object'),
    CONSTRAINT endpoint_secret_check CHECK (secret ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    CONSTRAINT endpoint_admin_state_check CHECK (admin_state IN ('locked', 'unlocked', 'shutting-down'))
);

-- migrate:down

DROP TABLE endpoint;
DROP SEQUENCE ctrl_revision;

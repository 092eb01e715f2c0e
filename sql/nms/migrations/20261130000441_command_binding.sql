-- migrate:up

-- How a command of the catalogue is spoken: the driver's template, the arguments it takes, what has to hold before and
-- after. Times are in seconds.
CREATE TABLE command_binding (
    command_id    bigint           NOT NULL,
    driver        text             NOT NULL,
    template      jsonb            NOT NULL,
    args_schema   jsonb            NOT NULL,
    hazardous     boolean          NOT NULL,
    hazard_reason text,
    approvals     smallint         NOT NULL,
    ttl           double precision NOT NULL,
    timeout       double precision NOT NULL,
    idempotent    boolean          NOT NULL,
    points        jsonb            NOT NULL,
    preconditions jsonb            NOT NULL,
    verifiers     jsonb            NOT NULL,
    undo_args     jsonb,
    revision      bigint           NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at    timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT command_binding_pkey PRIMARY KEY (command_id),
    CONSTRAINT command_binding_command_fkey FOREIGN KEY (command_id) REFERENCES command (id),
    CONSTRAINT command_binding_driver_check CHECK (char_length(driver) BETWEEN 1 AND 20),
    CONSTRAINT command_binding_template_check CHECK (jsonb_typeof(template) = 'object'),
    CONSTRAINT command_binding_args_schema_check CHECK (jsonb_typeof(args_schema) = 'object'),
    CONSTRAINT command_binding_hazard_check CHECK (hazardous = (hazard_reason IS NOT NULL)),
    CONSTRAINT command_binding_hazard_reason_check CHECK (char_length(hazard_reason) BETWEEN 1 AND 300),
    CONSTRAINT command_binding_approvals_check CHECK (approvals BETWEEN 0 AND 1),
    CONSTRAINT command_binding_ttl_check CHECK (ttl BETWEEN 1 AND 604800),
    CONSTRAINT command_binding_timeout_check CHECK (timeout BETWEEN 0.1 AND 300),
    CONSTRAINT command_binding_points_check CHECK (jsonb_typeof(points) = 'array'),
    CONSTRAINT command_binding_preconditions_check CHECK (jsonb_typeof(preconditions) = 'array'),
    CONSTRAINT command_binding_verifiers_check CHECK (jsonb_typeof(verifiers) = 'array'),
    CONSTRAINT command_binding_undo_args_check CHECK (jsonb_typeof(undo_args) = 'object')
);

-- migrate:down

DROP TABLE command_binding;

-- migrate:up

-- An alarm (RFC 8632): one per piece of equipment, type and qualifier; raised again, it is the same one. What has become of the condition
-- (is_cleared) stands apart from what operators have done (operator_state).
-- present:    the condition holds. A latched or flapping alarm stays raised when it does no longer.
-- suppresses: while it is raised, alarms of the equipment below are suppressed by design.
-- recent:     when it was raised or cleared lately, by which flapping is recognised.
CREATE TABLE alarm (
    id             bigint           NOT NULL GENERATED ALWAYS AS IDENTITY,
    equipment_id   bigint           NOT NULL,
    type           text             NOT NULL,
    qualifier      text             NOT NULL,
    limit_id       bigint,
    telemetry_id   bigint,
    severity       text             NOT NULL,
    is_cleared     boolean          NOT NULL DEFAULT false,
    present        boolean          NOT NULL DEFAULT true,
    operator_state text             NOT NULL DEFAULT 'none',
    text           text             NOT NULL,
    value          double precision,
    latched        boolean          NOT NULL DEFAULT false,
    suppresses     boolean          NOT NULL DEFAULT false,
    flapping       boolean          NOT NULL DEFAULT false,
    recent         timestamptz[]    NOT NULL DEFAULT '{}',
    raised_at      timestamptz      NOT NULL DEFAULT clock_timestamp(),
    cleared_at     timestamptz,
    changed_at     timestamptz      NOT NULL DEFAULT clock_timestamp(),
    shelved_until  timestamptz,
    shelf_reason   text,
    shelved_by     text,
    version        integer          NOT NULL DEFAULT 1,
    CONSTRAINT alarm_pkey PRIMARY KEY (id),
    CONSTRAINT alarm_key UNIQUE (equipment_id, type, qualifier),
    CONSTRAINT alarm_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT alarm_telemetry_fkey FOREIGN KEY (telemetry_id) REFERENCES telemetry (id),
    CONSTRAINT alarm_type_check CHECK (type IN ('limit', 'stale', 'command-unknown')),
    CONSTRAINT alarm_qualifier_check CHECK (char_length(qualifier) <= 100),
    CONSTRAINT alarm_severity_check CHECK (severity IN ('indeterminate', 'warning', 'minor', 'major', 'critical')),
    CONSTRAINT alarm_operator_state_check CHECK (operator_state IN ('none', 'ack', 'closed', 'shelved', 'un-shelved')),
    CONSTRAINT alarm_present_check CHECK (NOT (present AND is_cleared)),
    CONSTRAINT alarm_closed_check CHECK (operator_state <> 'closed' OR is_cleared),
    CONSTRAINT alarm_cleared_at_check CHECK (NOT is_cleared OR cleared_at IS NOT NULL),
    CONSTRAINT alarm_flapping_check CHECK (NOT (flapping AND is_cleared)),
    CONSTRAINT alarm_shelf_check CHECK (num_nulls(shelved_until, shelf_reason, shelved_by) = CASE operator_state WHEN 'shelved' THEN 0 ELSE 3 END)
);
CREATE INDEX alarm_order_idx ON alarm (raised_at DESC, id DESC);
CREATE INDEX alarm_active_idx ON alarm (raised_at DESC, id DESC) WHERE NOT is_cleared OR operator_state NOT IN ('ack', 'closed');
CREATE INDEX alarm_suppressing_idx ON alarm (equipment_id) WHERE suppresses AND NOT is_cleared;
CREATE INDEX alarm_shelf_idx ON alarm (shelved_until) WHERE operator_state = 'shelved';
CREATE INDEX alarm_flapping_idx ON alarm (id) WHERE flapping;

-- The ways from state to state, of operators and of the condition. The service's table of ways is the same; a test compares the two.
CREATE FUNCTION alarm_goes(before text, was_cleared boolean, after text, cleared boolean) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN was_cleared AND NOT cleared THEN after = CASE before WHEN 'shelved' THEN 'shelved' ELSE 'none' END
    WHEN cleared AND NOT was_cleared THEN after = before AND before <> 'closed'
    ELSE after = ANY (CASE before
        WHEN 'none' THEN '{ack,shelved}'
        WHEN 'ack' THEN '{none,shelved}'
        WHEN 'un-shelved' THEN CASE WHEN cleared THEN '{ack,shelved}' ELSE '{ack,shelved,none}' END
        WHEN 'shelved' THEN '{ack,un-shelved}'
        ELSE '{}' END::text[])
        OR cleared AND after = 'closed' AND before IN ('none', 'ack', 'un-shelved')
    END;

-- Nobody, psql included, takes an alarm along a way that is none, or makes it another one.
CREATE FUNCTION alarm_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.operator_state, NEW.is_cleared) IS DISTINCT FROM (OLD.operator_state, OLD.is_cleared)
       AND NOT alarm_goes(OLD.operator_state, OLD.is_cleared, NEW.operator_state, NEW.is_cleared) THEN
        RAISE EXCEPTION 'an alarm does not go from % (cleared: %) to % (cleared: %)', OLD.operator_state, OLD.is_cleared, NEW.operator_state, NEW.is_cleared
            USING ERRCODE = 'check_violation', CONSTRAINT = 'alarm_way_check';
    END IF;
    IF (NEW.id, NEW.equipment_id, NEW.type, NEW.qualifier) IS DISTINCT FROM (OLD.id, OLD.equipment_id, OLD.type, OLD.qualifier) OR NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'what an alarm is of does not change, and each change is counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'alarm_fixed_check';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alarm_guard BEFORE UPDATE ON alarm FOR EACH ROW EXECUTE FUNCTION alarm_guard();

-- Everything that has happened to alarms. xid: the transaction that wrote it, so that whoever follows tells what was committed since.
CREATE TABLE alarm_step (
    alarm_id       bigint           NOT NULL,
    version        integer          NOT NULL,
    at             timestamptz      NOT NULL DEFAULT clock_timestamp(),
    xid            xid8             NOT NULL DEFAULT pg_current_xact_id(),
    event          text             NOT NULL,
    severity       text             NOT NULL,
    is_cleared     boolean          NOT NULL,
    operator_state text             NOT NULL,
    text           text             NOT NULL,
    value          double precision,
    actor          text             NOT NULL DEFAULT row_actor(),
    detail         text,
    CONSTRAINT alarm_step_pkey PRIMARY KEY (alarm_id, version),
    CONSTRAINT alarm_step_alarm_fkey FOREIGN KEY (alarm_id) REFERENCES alarm (id)
);
CREATE INDEX alarm_step_xid_idx ON alarm_step (xid);

CREATE FUNCTION alarm_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of alarms is not rewritten' USING ERRCODE = 'check_violation', CONSTRAINT = 'alarm_step_appended_check';
END $$;
CREATE TRIGGER alarm_step_guard BEFORE UPDATE OR DELETE ON alarm_step FOR EACH ROW EXECUTE FUNCTION alarm_step_guard();

-- Alarms with what follows from elsewhere. out_of_service: the equipment's endpoint is locked (X.731). suppressed: an alarm that suppresses is
-- raised above it in the tree. shown: the state of ISA-18.2.
CREATE VIEW alarm_shown AS
SELECT s.id, s.out_of_service, s.suppressed,
    CASE
        WHEN s.out_of_service THEN 'out-of-service'
        WHEN s.operator_state = 'shelved' THEN 'shelved'
        WHEN s.suppressed THEN 'suppressed'
        WHEN s.is_cleared THEN CASE WHEN s.operator_state IN ('none', 'un-shelved') THEN 'rtn-unack' ELSE 'normal' END
        WHEN s.operator_state = 'ack' THEN 'ack'
        ELSE 'unack'
    END AS shown
FROM (
    SELECT a.id, a.is_cleared, a.operator_state,
        EXISTS (SELECT FROM endpoint n WHERE n.equipment_id = a.equipment_id AND n.admin_state = 'locked') AS out_of_service,
        EXISTS (SELECT FROM alarm p WHERE p.suppresses AND NOT p.is_cleared
                AND p.equipment_id = ANY (string_to_array(e.parent_path::text, '.')::bigint[])) AS suppressed
    FROM alarm a JOIN equipment e ON e.id = a.equipment_id
) AS s;

-- migrate:down

DROP VIEW alarm_shown;
DROP TABLE alarm_step;
DROP FUNCTION alarm_step_guard();
DROP TABLE alarm;
DROP FUNCTION alarm_guard();
DROP FUNCTION alarm_goes(text, boolean, text, boolean);

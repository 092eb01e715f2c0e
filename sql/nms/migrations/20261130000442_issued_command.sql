-- migrate:up

-- One row per piece of equipment that was ever commanded: whether its queue runs, and the lock that its queue is worked under.
CREATE TABLE command_queue (
    equipment_id bigint      NOT NULL,
    held         boolean     NOT NULL DEFAULT false,
    reason       text,
    revision     bigint      NOT NULL DEFAULT nextval('ctrl_revision'),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT command_queue_pkey PRIMARY KEY (equipment_id),
    CONSTRAINT command_queue_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT command_queue_reason_check CHECK (char_length(reason) BETWEEN 1 AND 300),
    CONSTRAINT command_queue_held_check CHECK (held OR reason IS NULL)
);

-- Places in the queues: whoever is queued earlier has the lower one. It is taken under the lock of the queue's row.
CREATE SEQUENCE command_queue_place;

-- A command that somebody sent. What it is (catalogue, arguments, who, until when) stays as it was sent; what becomes of it
-- is state and the columns behind it, every step of which is in issued_command_step.
CREATE TABLE issued_command (
    id               uuid             NOT NULL,
    command_id       bigint           NOT NULL,
    equipment_id     bigint           NOT NULL,
    args             jsonb            NOT NULL,
    content_hash     bytea            NOT NULL, -- of what was asked for, to recognise a repetition
    undo_of          uuid,
    hazard_confirmed boolean          NOT NULL,
    hazardous        boolean          NOT NULL,
    approvals        smallint         NOT NULL,
    idempotent       boolean          NOT NULL,
    binding_revision bigint           NOT NULL,
    wire             text             NOT NULL, -- what goes over the line, as people read it; never with a secret
    created_at       timestamptz      NOT NULL DEFAULT clock_timestamp(),
    expires_at       timestamptz      NOT NULL,
    sender           text             NOT NULL,
    sender_login     text             NOT NULL,
    sender_holder    jsonb            NOT NULL, -- authn.Holder, by which is asked whether the permissions still stand
    state            text             NOT NULL,
    version          integer          NOT NULL DEFAULT 1,
    updated_at       timestamptz      NOT NULL DEFAULT clock_timestamp(),
    approver         text,
    place            bigint,
    not_before       timestamptz,
    sends            integer          NOT NULL DEFAULT 0,
    not_sent         integer          NOT NULL DEFAULT 0,
    owner            uuid,
    deadline         timestamptz,
    sent_at          timestamptz,
    reason           text,
    reply            text,
    readback         jsonb,
    CONSTRAINT issued_command_pkey PRIMARY KEY (id),
    CONSTRAINT issued_command_command_fkey FOREIGN KEY (command_id) REFERENCES command (id),
    CONSTRAINT issued_command_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES equipment (id),
    CONSTRAINT issued_command_undo_of_fkey FOREIGN KEY (undo_of) REFERENCES issued_command (id),
    CONSTRAINT issued_command_state_check CHECK (state IN ('awaiting_approval', 'queued', 'sending', 'accepted', 'verifying',
        'succeeded', 'failed', 'unverified', 'unknown', 'rejected', 'expired', 'cancelled')),
    CONSTRAINT issued_command_hazard_check CHECK (hazard_confirmed OR NOT hazardous),
    CONSTRAINT issued_command_approver_check CHECK (approver <> sender),
    CONSTRAINT issued_command_approved_check CHECK (approvals = 0 OR approver IS NOT NULL
        OR state IN ('awaiting_approval', 'rejected', 'expired', 'cancelled')),
    CONSTRAINT issued_command_place_check CHECK (state <> 'queued' OR place IS NOT NULL),
    CONSTRAINT issued_command_owner_check CHECK ((owner IS NOT NULL AND deadline IS NOT NULL)
        = (state IN ('sending', 'accepted', 'verifying'))),
    CONSTRAINT issued_command_sent_check CHECK (state NOT IN ('sending', 'accepted', 'verifying', 'succeeded', 'unverified', 'unknown')
        OR sent_at IS NOT NULL),
    -- At most once: it is sent again only when every earlier attempt provably sent nothing, or when doing it twice does no harm.
    CONSTRAINT issued_command_once_check CHECK (idempotent
        OR sends - not_sent BETWEEN 0 AND 1 AND (state <> 'queued' OR sends = not_sent))
);
-- One in flight per piece of equipment. What is unknown counts, so that nothing follows it until it is resolved.
CREATE UNIQUE INDEX issued_command_in_flight_key ON issued_command (equipment_id)
    WHERE state IN ('sending', 'accepted', 'verifying', 'unknown');
CREATE INDEX issued_command_queue_idx ON issued_command (equipment_id, place) WHERE state = 'queued';
CREATE INDEX issued_command_expiry_idx ON issued_command (expires_at) WHERE state IN ('awaiting_approval', 'queued');
CREATE INDEX issued_command_order_idx ON issued_command (created_at DESC, id DESC);
CREATE INDEX issued_command_equipment_order_idx ON issued_command (equipment_id, created_at DESC, id DESC);

CREATE TABLE issued_command_step (
    issued_command uuid        NOT NULL,
    version        integer     NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    state          text        NOT NULL,
    event          text        NOT NULL,
    actor          text        NOT NULL DEFAULT row_actor(),
    detail         text,
    CONSTRAINT issued_command_step_pkey PRIMARY KEY (issued_command, version),
    CONSTRAINT issued_command_step_command_fkey FOREIGN KEY (issued_command) REFERENCES issued_command (id)
);

-- The ways from state to state. The service's table of states is the same; a test compares the two.
CREATE FUNCTION issued_command_goes(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN after = ANY (CASE before
    WHEN 'awaiting_approval' THEN '{queued,rejected,expired,cancelled}'
    WHEN 'queued' THEN '{sending,expired,cancelled,failed}'
    WHEN 'sending' THEN '{queued,accepted,failed,unknown}'
    WHEN 'accepted' THEN '{verifying,succeeded}'
    WHEN 'verifying' THEN '{succeeded,failed,unverified}'
    WHEN 'unknown' THEN '{succeeded,failed}'
    ELSE '{}' END::text[]);

-- Nobody, psql included, takes a command along a way that is none, or changes what was sent.
CREATE FUNCTION issued_command_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT issued_command_goes(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a command does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issued_command_way_check';
    END IF;
    IF (NEW.id, NEW.command_id, NEW.equipment_id, NEW.args, NEW.content_hash, NEW.idempotent, NEW.approvals, NEW.expires_at, NEW.sender, NEW.wire)
       IS DISTINCT FROM
       (OLD.id, OLD.command_id, OLD.equipment_id, OLD.args, OLD.content_hash, OLD.idempotent, OLD.approvals, OLD.expires_at, OLD.sender, OLD.wire)
       OR NEW.sends < OLD.sends OR NEW.not_sent < OLD.not_sent OR (NEW.state = 'sending' AND OLD.state <> 'sending' AND NEW.sends <> OLD.sends + 1) THEN
        RAISE EXCEPTION 'what was sent does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issued_command_fixed_check';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER issued_command_guard BEFORE UPDATE ON issued_command FOR EACH ROW EXECUTE FUNCTION issued_command_guard();

-- Wakes the dispatchers: something is queued, or what kept a queue waiting is over.
CREATE FUNCTION issued_command_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ctrl_command', '');
    RETURN NULL;
END $$;
CREATE TRIGGER issued_command_queued AFTER INSERT ON issued_command
    FOR EACH ROW WHEN (NEW.state = 'queued') EXECUTE FUNCTION issued_command_notify();
CREATE TRIGGER issued_command_free AFTER UPDATE OF state ON issued_command
    FOR EACH ROW WHEN (NEW.state = 'queued' OR OLD.state = 'unknown' OR OLD.state = 'awaiting_approval')
    EXECUTE FUNCTION issued_command_notify();
CREATE TRIGGER command_queue_released AFTER UPDATE OF held ON command_queue
    FOR EACH ROW WHEN (NOT NEW.held) EXECUTE FUNCTION issued_command_notify();

-- migrate:down

DROP TABLE issued_command_step;
DROP TABLE issued_command;
DROP TABLE command_queue;
DROP FUNCTION issued_command_notify();
DROP FUNCTION issued_command_guard();
DROP FUNCTION issued_command_goes(text, text);
DROP SEQUENCE command_queue_place;

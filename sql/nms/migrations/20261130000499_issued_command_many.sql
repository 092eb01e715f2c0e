-- migrate:up

-- Most of what it costs to write a command is the preparation of the statement: twelve checks, ten indexes, triggers. These functions write many
-- commands with one. Their settings keep the plans to look-ups by key, whatever the tables held when a session planned them.

-- Takes commands, each with its first step, in the order in which they are given, behind all others of their queues, which are locked from then on.
-- Returns them. Left out are those whose queue is not there or is another transaction's at this moment, and those whose id is taken.
CREATE FUNCTION issued_command_take(commands jsonb) RETURNS SETOF issued_command LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT (g.command ->> 'id')::uuid AS id, (g.command ->> 'command_id')::bigint AS command_id, (g.command ->> 'equipment_id')::bigint AS equipment_id,
            g.command -> 'args' AS args, decode(g.command ->> 'content_hash', 'base64') AS content_hash, (g.command ->> 'undo_of')::uuid AS undo_of,
            (g.command ->> 'hazard_confirmed')::boolean AS hazard_confirmed, (g.command ->> 'hazardous')::boolean AS hazardous,
            (g.command ->> 'approvals')::smallint AS approvals, (g.command ->> 'idempotent')::boolean AS idempotent,
            (g.command ->> 'binding_revision')::bigint AS binding_revision, g.command ->> 'wire' AS wire, (g.command ->> 'expires_at')::timestamptz AS expires_at,
            g.command ->> 'sender' AS sender, g.command ->> 'sender_login' AS sender_login, g.command -> 'sender_holder' AS sender_holder,
            g.command ->> 'state' AS state, g.command ->> 'actor' AS actor, g.number
        FROM jsonb_array_elements(commands) WITH ORDINALITY AS g (command, number)
    ), queue AS MATERIALIZED (
        SELECT q.equipment_id FROM command_queue q WHERE q.equipment_id IN (SELECT given.equipment_id FROM given) FOR NO KEY UPDATE OF q SKIP LOCKED
    ), taken AS (
        INSERT INTO issued_command (id, command_id, equipment_id, args, content_hash, undo_of, hazard_confirmed, hazardous, approvals,
            idempotent, binding_revision, wire, expires_at, sender, sender_login, sender_holder, state, place)
        SELECT o.id, o.command_id, o.equipment_id, o.args, o.content_hash, o.undo_of, o.hazard_confirmed, o.hazardous, o.approvals,
            o.idempotent, o.binding_revision, o.wire, o.expires_at, o.sender, o.sender_login, o.sender_holder, o.state,
            CASE WHEN o.state = 'queued' THEN nextval('command_queue_place') END
        FROM (SELECT given.* FROM given JOIN queue ON queue.equipment_id = given.equipment_id ORDER BY given.number) AS o
        ON CONFLICT ON CONSTRAINT issued_command_pkey DO NOTHING
        RETURNING *
    ), noted AS (
        INSERT INTO issued_command_step (issued_command, version, state, event, actor)
        SELECT taken.id, taken.version, taken.state, 'create', given.actor FROM taken JOIN given ON given.id = taken.id
    )
    SELECT * FROM taken;
END $$;

-- Makes a step of each of several commands, and writes it down. Returns what they are then. Left out are those that have changed since they were read,
-- which the version says, and those that another transaction is at.
CREATE FUNCTION issued_command_advance(steps jsonb) RETURNS SETOF issued_command LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT (g.step ->> 'id')::uuid AS id, (g.step ->> 'version')::integer AS version, g.step ->> 'state' AS state, g.step ->> 'approver' AS approver,
            (g.step ->> 'place')::bigint AS place, (g.step ->> 'not_before')::timestamptz AS not_before, (g.step ->> 'sends')::integer AS sends,
            (g.step ->> 'not_sent')::integer AS not_sent, (g.step ->> 'owner')::uuid AS owner, (g.step ->> 'deadline')::timestamptz AS deadline,
            (g.step ->> 'sent_at')::timestamptz AS sent_at, g.step ->> 'reason' AS reason, g.step ->> 'reply' AS reply,
            nullif(g.step -> 'read_before', 'null') AS read_before, nullif(g.step -> 'readback', 'null') AS readback,
            g.step ->> 'event' AS event, g.step ->> 'detail' AS detail
        FROM jsonb_array_elements(steps) AS g (step)
    ), present AS MATERIALIZED (
        SELECT given.* FROM given JOIN issued_command c ON c.id = given.id AND c.version = given.version FOR NO KEY UPDATE OF c SKIP LOCKED
    ), advanced AS (
        UPDATE issued_command c SET state = p.state, version = c.version + 1, updated_at = clock_timestamp(), approver = p.approver, place = p.place,
            not_before = p.not_before, sends = p.sends, not_sent = p.not_sent, owner = p.owner, deadline = p.deadline, sent_at = p.sent_at,
            reason = p.reason, reply = p.reply, read_before = p.read_before, readback = p.readback
        FROM present p
        WHERE c.id = p.id AND c.version = p.version
        RETURNING c.*
    ), noted AS (
        INSERT INTO issued_command_step (issued_command, version, state, event, detail)
        SELECT advanced.id, advanced.version, advanced.state, p.event, p.detail FROM advanced JOIN present p ON p.id = advanced.id
    )
    SELECT * FROM advanced;
END $$;

-- migrate:down

DROP FUNCTION issued_command_advance(jsonb);
DROP FUNCTION issued_command_take(jsonb);

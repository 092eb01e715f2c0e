-- name: ReceiverGet :one
SELECT * FROM receiver WHERE id = @id;

-- name: ReceiverLock :one
SELECT * FROM receiver WHERE id = @id FOR UPDATE;

-- name: ReceiverList :many
SELECT * FROM receiver WHERE id > @after::bigint ORDER BY id LIMIT @take OFFSET @skip::bigint;

-- name: ReceiverCount :one
SELECT count(*) FROM receiver;

-- name: ReceiverInsert :one
INSERT INTO receiver (name, kind, address, options, secret, heartbeat_s, heartbeat_at, enabled)
VALUES (@name, @kind, @address, @options, @secret, @heartbeat_s, clock_timestamp() + make_interval(secs => sqlc.narg('heartbeat_s')::double precision), @enabled)
RETURNING *;

-- name: ReceiverUpdate :one
UPDATE receiver SET name = @name, kind = @kind, address = @address, options = @options, secret = @secret, heartbeat_s = @heartbeat_s, enabled = @enabled,
    heartbeat_at = clock_timestamp() + make_interval(secs => sqlc.narg('heartbeat_s')::double precision),
    revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE id = @id
RETURNING *;

-- name: ReceiverDelete :exec
DELETE FROM receiver WHERE id = @id;

-- name: ReceiversShare :many
-- Those of the receivers that are there, and stay so until the transaction ends.
SELECT id FROM receiver WHERE id = ANY(@ids::bigint[]) ORDER BY id FOR KEY SHARE;

-- name: ReceiverUsed :one
SELECT EXISTS (SELECT FROM route WHERE receivers @> ARRAY[@id::bigint])::boolean;

-- name: RouteGet :one
SELECT * FROM route WHERE id = @id;

-- name: RouteLock :one
SELECT * FROM route WHERE id = @id FOR NO KEY UPDATE;

-- name: RouteList :many
SELECT * FROM route WHERE id > @after::bigint ORDER BY id LIMIT @take OFFSET @skip::bigint;

-- name: RouteCount :one
SELECT count(*) FROM route;

-- name: RouteAll :many
SELECT * FROM route ORDER BY id;

-- name: RouteInsert :one
INSERT INTO route (name, receivers, severity, below, types, group_s, repeat_s)
VALUES (@name, @receivers, @severity, @below, @types, @group_s, @repeat_s)
RETURNING *;

-- name: RouteUpdate :one
UPDATE route SET name = @name, receivers = @receivers, severity = @severity, below = @below, types = @types, group_s = @group_s, repeat_s = @repeat_s,
    revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE id = @id
RETURNING *;

-- name: RouteDelete :exec
DELETE FROM route WHERE id = @id;

-- name: NoticeInsert :exec
INSERT INTO alarm_notice (alarm_id, version, event, severity, text) VALUES (@alarm_id, @version, @event, @severity, @text);

-- name: NotifyLock :one
-- One instance at a time decides who is told.
SELECT pg_try_advisory_xact_lock(hashtext('ctrl_notify')) AS leading;

-- name: NoticeList :many
-- What somebody may have to be told of, in order, with how the alarm stands now.
SELECT n.id, n.alarm_id, n.version, n.event, n.severity, n.text, n.held, n.at, a.type, a.qualifier, a.is_cleared, a.equipment_id, a.raised_at, a.flapping,
       v.shown::text AS shown, e.name AS equipment_name, e.parent_path::text AS path
FROM alarm_notice n JOIN alarm a ON a.id = n.alarm_id JOIN alarm_shown v ON v.id = a.id JOIN equipment e ON e.id = a.equipment_id
WHERE NOT n.held OR v.shown NOT IN ('suppressed', 'out-of-service')
ORDER BY n.id LIMIT @take;

-- name: NoticeDelete :exec
DELETE FROM alarm_notice WHERE id = ANY(@ids::bigint[]);

-- name: NoticeHold :exec
UPDATE alarm_notice SET held = true WHERE id = ANY(@ids::bigint[]);

-- name: ToldList :many
SELECT receiver_id, route_id, severity FROM alarm_told WHERE alarm_id = @alarm_id ORDER BY receiver_id;

-- name: ToldPut :exec
INSERT INTO alarm_told (alarm_id, receiver_id, route_id, severity, repeat_at)
VALUES (@alarm_id, @receiver_id, @route_id, @severity, clock_timestamp() + make_interval(secs => sqlc.narg('repeat_s')::double precision))
ON CONFLICT ON CONSTRAINT alarm_told_pkey DO UPDATE SET route_id = excluded.route_id, severity = excluded.severity, repeat_at = excluded.repeat_at;

-- name: ToldDelete :exec
-- What was told of an alarm that a notice says is cleared, and what was held of it before: it is past.
WITH past AS (
    DELETE FROM alarm_notice n WHERE n.alarm_id = @alarm_id AND n.held AND n.id < @notice
)
DELETE FROM alarm_told t WHERE t.alarm_id = @alarm_id;

-- name: ToldRepeat :many
-- What is to be told again, of alarms that nobody has acknowledged; the next time is set. Not before it is decided about what has happened to the alarm since.
WITH due AS (
    SELECT t.alarm_id, t.receiver_id, r.repeat_s FROM alarm_told t JOIN route r ON r.id = t.route_id
    WHERE t.repeat_at <= clock_timestamp() AND r.repeat_s IS NOT NULL
      AND NOT EXISTS (SELECT FROM alarm_notice n WHERE n.alarm_id = t.alarm_id)
    ORDER BY t.repeat_at LIMIT @take
), moved AS (
    UPDATE alarm_told t SET repeat_at = clock_timestamp() + make_interval(secs => due.repeat_s)
    FROM due WHERE t.alarm_id = due.alarm_id AND t.receiver_id = due.receiver_id
    RETURNING t.alarm_id, t.receiver_id, t.route_id
)
SELECT m.alarm_id, m.receiver_id, m.route_id, a.severity, a.text, a.type, a.qualifier, a.equipment_id, a.raised_at, a.version, e.name AS equipment_name
FROM moved m JOIN alarm a ON a.id = m.alarm_id JOIN alarm_shown v ON v.id = a.id JOIN equipment e ON e.id = a.equipment_id
WHERE v.shown = 'unack' AND NOT a.is_cleared
ORDER BY m.alarm_id, m.receiver_id;

-- name: DeliveryClose :exec
-- Lets nothing further into what gathers for these receivers with something behind it, as versions before 500 of the schema left it.
UPDATE delivery d SET filled = true, due_at = clock_timestamp()
WHERE d.receiver_id = ANY(@receivers::bigint[]) AND d.state = 'waiting' AND d.attempts = 0 AND d.kind = 'alarms' AND NOT d.filled
  AND EXISTS (SELECT FROM delivery n WHERE n.receiver_id = d.receiver_id AND n.state = 'waiting' AND n.kind = 'alarms' AND n.id > d.id);

-- name: DeliveryGather :exec
-- Adds to what is told to a receiver next, which leaves as soon as anything in it is due. One of so many items or more is full: it is due, and takes no
-- further ones. Called by whoever has NotifyLock, so that a receiver has one that is not full.
WITH next AS (
    SELECT id FROM delivery WHERE receiver_id = @receiver_id AND state = 'waiting' AND attempts = 0 AND kind = 'alarms' AND NOT filled
    ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE
), longer AS (
    UPDATE delivery d SET items = d.items || @items::jsonb, filled = jsonb_array_length(d.items || @items::jsonb) >= @enough::integer,
        due_at = CASE WHEN jsonb_array_length(d.items || @items::jsonb) >= @enough::integer THEN clock_timestamp()
            ELSE least(d.due_at, clock_timestamp() + make_interval(secs => @group_s)) END
    FROM next WHERE d.id = next.id
    RETURNING d.id
)
INSERT INTO delivery (receiver_id, route_id, kind, items, due_at, filled)
SELECT @receiver_id, @route_id::bigint, 'alarms', @items::jsonb,
    clock_timestamp() + CASE WHEN jsonb_array_length(@items::jsonb) >= @enough::integer THEN interval '0' ELSE make_interval(secs => @group_s) END,
    jsonb_array_length(@items::jsonb) >= @enough::integer
WHERE NOT EXISTS (SELECT FROM longer);

-- name: HeartbeatDue :many
-- The receivers whose heartbeat is due; the next time is set.
UPDATE receiver SET heartbeat_at = clock_timestamp() + make_interval(secs => heartbeat_s)
WHERE enabled AND heartbeat_s IS NOT NULL AND heartbeat_at <= clock_timestamp()
RETURNING id;

-- name: DeliveryHeartbeat :exec
-- None when one is waiting already.
INSERT INTO delivery (receiver_id, kind, due_at)
SELECT r, 'heartbeat', clock_timestamp() FROM unnest(@receivers::bigint[]) AS r
WHERE NOT EXISTS (SELECT FROM delivery d WHERE d.receiver_id = r AND d.state = 'waiting' AND d.kind = 'heartbeat');

-- name: DeliveryTest :one
INSERT INTO delivery (receiver_id, kind, due_at, attempts, leased_until)
VALUES (@receiver_id, 'test', clock_timestamp(), 1, clock_timestamp() + make_interval(secs => @lease_s))
RETURNING *;

-- name: DeliveryClaim :many
-- Takes what is due for a time: of each receiver the oldest, so that it is told in order; a heartbeat does not wait for what still gathers. Disabled
-- receivers are told when they are enabled again.
WITH heads AS (
    SELECT DISTINCT ON (d.receiver_id) d.id FROM delivery d JOIN receiver r ON r.id = d.receiver_id AND r.enabled
    WHERE d.state = 'waiting' AND NOT (d.kind = 'alarms' AND d.attempts = 0 AND NOT d.filled AND d.due_at > clock_timestamp())
    ORDER BY d.receiver_id, d.id
), due AS (
    SELECT d.id FROM delivery d JOIN heads h ON h.id = d.id
    WHERE d.state = 'waiting' AND d.due_at <= clock_timestamp() AND (d.leased_until IS NULL OR d.leased_until < clock_timestamp())
    ORDER BY d.due_at LIMIT @take FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET attempts = d.attempts + 1, first_due_at = coalesce(d.first_due_at, d.due_at), leased_until = clock_timestamp() + make_interval(secs => @lease_s)
FROM due WHERE d.id = due.id
RETURNING d.*;

-- name: DeliveryEnd :exec
-- Notes that a delivery has arrived, or is given up (problem); the latter only in the attempt that was made last.
UPDATE delivery SET state = CASE WHEN @delivered::boolean THEN 'delivered' ELSE 'failed' END, ended_at = clock_timestamp(), leased_until = NULL, problem = @problem
WHERE id = @id AND state = 'waiting' AND (@delivered::boolean OR attempts = @attempts);

-- name: DeliveryRetry :exec
UPDATE delivery SET due_at = clock_timestamp() + make_interval(secs => @pause_s), leased_until = NULL, problem = @problem
WHERE id = @id AND state = 'waiting' AND attempts = @attempts;

-- name: DeliveryList :many
SELECT * FROM delivery
WHERE (sqlc.narg('receiver_id')::bigint IS NULL OR receiver_id = sqlc.narg('receiver_id')::bigint)
  AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state')::text)
  AND (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind')::text)
  AND (sqlc.narg('since')::timestamptz IS NULL OR created_at >= sqlc.narg('since')::timestamptz)
  AND (sqlc.narg('until')::timestamptz IS NULL OR created_at < sqlc.narg('until')::timestamptz)
  AND (sqlc.narg('after_at')::timestamptz IS NULL OR (created_at, id) < (sqlc.narg('after_at')::timestamptz, sqlc.narg('after_id')::bigint))
ORDER BY created_at DESC, id DESC
LIMIT @take OFFSET @skip::bigint;

-- name: DeliveryCount :one
SELECT count(*) FROM delivery
WHERE (sqlc.narg('receiver_id')::bigint IS NULL OR receiver_id = sqlc.narg('receiver_id')::bigint)
  AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state')::text)
  AND (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind')::text)
  AND (sqlc.narg('since')::timestamptz IS NULL OR created_at >= sqlc.narg('since')::timestamptz)
  AND (sqlc.narg('until')::timestamptz IS NULL OR created_at < sqlc.narg('until')::timestamptz);

-- name: DeliveryForget :exec
-- Those that ended long ago.
DELETE FROM delivery WHERE state <> 'waiting' AND created_at < clock_timestamp() - make_interval(secs => @kept_s);

-- name: NotifyPending :one
-- Whether there is anything to decide, whose heart is to beat, and whether anything is to be sent.
SELECT (EXISTS (SELECT FROM alarm_notice) OR EXISTS (SELECT FROM alarm_told WHERE repeat_at <= clock_timestamp()))::boolean AS decide,
    EXISTS (SELECT FROM receiver WHERE enabled AND heartbeat_at <= clock_timestamp())::boolean AS beat,
    EXISTS (SELECT FROM delivery WHERE state = 'waiting' AND due_at <= clock_timestamp())::boolean AS send;

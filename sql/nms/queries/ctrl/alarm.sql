-- name: AlarmFind :one
-- The alarm of a condition; nobody else changes it until the transaction ends.
SELECT * FROM alarm WHERE equipment_id = @equipment_id AND type = @type AND qualifier = @qualifier FOR NO KEY UPDATE;

-- name: AlarmLock :one
SELECT * FROM alarm WHERE id = @id FOR NO KEY UPDATE;

-- name: AlarmInsert :one
-- None when it is there already.
INSERT INTO alarm (equipment_id, type, qualifier, limit_id, telemetry_id, severity, text, value, latched, suppresses, recent, raised_at)
VALUES (@equipment_id, @type, @qualifier, @limit_id, @telemetry_id, @severity, @text, @value, @latched, @suppresses, @recent, @raised_at)
ON CONFLICT ON CONSTRAINT alarm_key DO NOTHING
RETURNING *;

-- name: AlarmUpdate :one
UPDATE alarm SET limit_id = @limit_id, telemetry_id = @telemetry_id, severity = @severity, is_cleared = @is_cleared, present = @present,
    operator_state = @operator_state, text = @text, value = @value, latched = @latched, suppresses = @suppresses, flapping = @flapping, recent = @recent,
    raised_at = @raised_at, cleared_at = @cleared_at, shelved_until = @shelved_until, shelf_reason = @shelf_reason, shelved_by = @shelved_by,
    changed_at = clock_timestamp(), version = version + 1
WHERE id = @id
RETURNING *;

-- name: AlarmStepInsert :exec
INSERT INTO alarm_step (alarm_id, version, event, severity, is_cleared, operator_state, text, value, detail)
VALUES (@alarm_id, @version, @event, @severity, @is_cleared, @operator_state, @text, @value, @detail);

-- name: AlarmGet :one
SELECT sqlc.embed(a), v.out_of_service::boolean AS out_of_service, v.suppressed::boolean AS suppressed, v.shown::text AS shown,
       e.name AS equipment_name, t.name AS parameter
FROM alarm a JOIN alarm_shown v ON v.id = a.id JOIN equipment e ON e.id = a.equipment_id LEFT JOIN telemetry t ON t.id = a.telemetry_id
WHERE a.id = @id;

-- name: AlarmSteps :many
-- The newest steps of an alarm, the newest first.
SELECT version, at, event, severity, is_cleared, operator_state, text, value, actor, detail FROM alarm_step
WHERE alarm_id = @alarm_id ORDER BY version DESC LIMIT @take;

-- name: AlarmList :many
-- A page, what was raised last first.
SELECT sqlc.embed(a), v.out_of_service::boolean AS out_of_service, v.suppressed::boolean AS suppressed, v.shown::text AS shown,
       e.name AS equipment_name, t.name AS parameter
FROM alarm a JOIN alarm_shown v ON v.id = a.id JOIN equipment e ON e.id = a.equipment_id LEFT JOIN telemetry t ON t.id = a.telemetry_id
WHERE (sqlc.narg('equipment_id')::bigint IS NULL OR a.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('below')::bigint IS NULL OR e.id = sqlc.narg('below')::bigint
       OR string_to_array(e.parent_path::text, '.')::bigint[] @> ARRAY[sqlc.narg('below')::bigint])
  AND (sqlc.narg('limit_id')::bigint IS NULL OR a.limit_id = sqlc.narg('limit_id')::bigint)
  AND (sqlc.narg('type')::text IS NULL OR a.type = sqlc.narg('type')::text)
  AND (sqlc.narg('severities')::text[] IS NULL OR a.severity = ANY(sqlc.narg('severities')::text[]))
  AND (sqlc.narg('is_cleared')::boolean IS NULL OR a.is_cleared = sqlc.narg('is_cleared')::boolean)
  AND (sqlc.narg('operator_state')::text IS NULL OR a.operator_state = sqlc.narg('operator_state')::text)
  AND (sqlc.narg('state')::text IS NULL OR v.shown = sqlc.narg('state')::text)
  AND (NOT @active::boolean OR NOT a.is_cleared OR a.operator_state NOT IN ('ack', 'closed'))
  AND (sqlc.narg('since')::timestamptz IS NULL OR a.raised_at >= sqlc.narg('since')::timestamptz)
  AND (sqlc.narg('until')::timestamptz IS NULL OR a.raised_at < sqlc.narg('until')::timestamptz)
  AND (sqlc.narg('after_at')::timestamptz IS NULL
       OR (a.raised_at, a.id) < (sqlc.narg('after_at')::timestamptz, sqlc.narg('after_id')::bigint))
ORDER BY a.raised_at DESC, a.id DESC
LIMIT @take OFFSET @skip::bigint;

-- name: AlarmCount :one
SELECT count(*)
FROM alarm a JOIN alarm_shown v ON v.id = a.id JOIN equipment e ON e.id = a.equipment_id
WHERE (sqlc.narg('equipment_id')::bigint IS NULL OR a.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('below')::bigint IS NULL OR e.id = sqlc.narg('below')::bigint
       OR string_to_array(e.parent_path::text, '.')::bigint[] @> ARRAY[sqlc.narg('below')::bigint])
  AND (sqlc.narg('limit_id')::bigint IS NULL OR a.limit_id = sqlc.narg('limit_id')::bigint)
  AND (sqlc.narg('type')::text IS NULL OR a.type = sqlc.narg('type')::text)
  AND (sqlc.narg('severities')::text[] IS NULL OR a.severity = ANY(sqlc.narg('severities')::text[]))
  AND (sqlc.narg('is_cleared')::boolean IS NULL OR a.is_cleared = sqlc.narg('is_cleared')::boolean)
  AND (sqlc.narg('operator_state')::text IS NULL OR a.operator_state = sqlc.narg('operator_state')::text)
  AND (sqlc.narg('state')::text IS NULL OR v.shown = sqlc.narg('state')::text)
  AND (NOT @active::boolean OR NOT a.is_cleared OR a.operator_state NOT IN ('ack', 'closed'))
  AND (sqlc.narg('since')::timestamptz IS NULL OR a.raised_at >= sqlc.narg('since')::timestamptz)
  AND (sqlc.narg('until')::timestamptz IS NULL OR a.raised_at < sqlc.narg('until')::timestamptz);

-- name: AlarmsDue :many
-- The alarms whose shelf has ended, and those that flap and have been quiet since a moment.
SELECT id FROM alarm WHERE operator_state = 'shelved' AND shelved_until <= clock_timestamp()
UNION
SELECT id FROM alarm WHERE flapping AND recent[cardinality(recent)] <= @quiet_since::timestamptz
ORDER BY id LIMIT @take;

-- name: ShelfList :many
-- A page of the alarms that are shelved, by id.
SELECT a.id AS alarm_id, a.equipment_id, e.name AS equipment_name, a.type, a.qualifier, a.severity, a.text, a.is_cleared,
       a.shelved_until::timestamptz AS until, a.shelf_reason::text AS reason, a.shelved_by::text AS actor, a.version
FROM alarm a JOIN equipment e ON e.id = a.equipment_id
WHERE a.operator_state = 'shelved' AND a.id > @after::bigint
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR a.equipment_id = sqlc.narg('equipment_id')::bigint)
ORDER BY a.id
LIMIT @take OFFSET @skip::bigint;

-- name: ShelfCount :one
SELECT count(*) FROM alarm a WHERE a.operator_state = 'shelved'
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR a.equipment_id = sqlc.narg('equipment_id')::bigint);

-- name: AlarmSnapshot :one
-- The transactions that are seen now, and whether those seen then came before.
SELECT pg_current_snapshot()::text AS now, (pg_snapshot_xmax((@seen::text)::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()))::boolean AS known;

-- name: AlarmStepsSince :many
-- What has happened to alarms that was committed since a snapshot was taken.
SELECT s.alarm_id, s.version, s.at, s.event, s.severity, s.is_cleared, s.operator_state, s.text, s.value, s.actor, s.detail, a.equipment_id, e.name AS equipment_name,
       a.type, a.qualifier
FROM alarm_step s JOIN alarm a ON a.id = s.alarm_id JOIN equipment e ON e.id = a.equipment_id
WHERE s.xid >= pg_snapshot_xmin((@seen::text)::pg_snapshot) AND NOT pg_visible_in_snapshot(s.xid, (@seen::text)::pg_snapshot)
ORDER BY s.at, s.alarm_id, s.version
LIMIT @take;

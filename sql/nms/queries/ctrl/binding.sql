-- name: CatalogueCommandGet :one
-- A live command of the catalogue, on its live equipment.
SELECT c.id, c.name, c.live_equipment_id::bigint AS equipment_id, c.live_undo_cmd_id AS undo_cmd_id
FROM command c WHERE c.id = @id AND c.archived_at IS NULL;

-- name: PlanGet :one
-- What a command is sent by: none when one of these is missing.
SELECT c.live_undo_cmd_id AS undo_cmd_id, sqlc.embed(b), sqlc.embed(e)
FROM command c JOIN command_binding b ON b.command_id = c.id JOIN endpoint e ON e.equipment_id = c.live_equipment_id
WHERE c.id = @id AND c.archived_at IS NULL;

-- name: PlanTry :batchone
-- The revisions of what a command is sent by. The command and its equipment stay in the catalogue until the transaction ends. None when something is missing, or somebody
-- takes one of these out of the catalogue at this moment.
SELECT b.revision AS binding_revision, e.revision AS endpoint_revision
FROM command c JOIN equipment m ON m.id = c.live_equipment_id JOIN command_binding b ON b.command_id = c.id JOIN endpoint e ON e.equipment_id = m.id
WHERE c.id = @id::bigint AND c.archived_at IS NULL
FOR KEY SHARE OF c, m SKIP LOCKED;

-- name: CatalogueCommandLock :one
-- A live command of the catalogue, which stays so until the transaction ends; so its binding is written by one at a time.
SELECT id FROM command WHERE id = @id AND archived_at IS NULL FOR NO KEY UPDATE;

-- name: TelemetryNamesMissing :many
-- Those of the names that no live telemetry parameter has.
SELECT n.name::text FROM unnest(@names::text[]) AS n(name)
WHERE NOT EXISTS (SELECT FROM telemetry t WHERE t.archived_at IS NULL AND t.name_key = name_key(n.name));

-- name: BindingGet :one
SELECT * FROM command_binding WHERE command_id = @command_id;

-- name: BindingLock :one
SELECT * FROM command_binding WHERE command_id = @command_id FOR NO KEY UPDATE;

-- name: BindingList :many
-- A page by command.
SELECT b.* FROM command_binding b JOIN command c ON c.id = b.command_id
WHERE b.command_id > @after::bigint AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint)
ORDER BY b.command_id
LIMIT @take OFFSET @skip::bigint;

-- name: BindingCount :one
SELECT count(*) FROM command_binding b JOIN command c ON c.id = b.command_id
WHERE sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint;

-- name: BindingInsert :one
INSERT INTO command_binding (driver, template, args_schema, hazardous, hazard_reason, approvals, ttl, timeout,
    idempotent, points, preconditions, verifiers, undo_args, command_id)
VALUES (@driver, @template, @args_schema, @hazardous, @hazard_reason, @approvals, @ttl, @timeout,
    @idempotent, @points, @preconditions, @verifiers, @undo_args, @command_id)
RETURNING *;

-- name: BindingUpdate :one
UPDATE command_binding SET driver = @driver, template = @template, args_schema = @args_schema, hazardous = @hazardous,
    hazard_reason = @hazard_reason, approvals = @approvals, ttl = @ttl, timeout = @timeout, idempotent = @idempotent,
    points = @points, preconditions = @preconditions, verifiers = @verifiers, undo_args = @undo_args,
    revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE command_id = @command_id
RETURNING *;

-- name: BindingDelete :exec
DELETE FROM command_binding WHERE command_id = @command_id;

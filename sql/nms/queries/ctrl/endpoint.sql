-- name: EquipmentGet :one
-- A live piece of equipment.
SELECT id, name, name_full AS name_full FROM equipment WHERE id = @id AND archived_at IS NULL;

-- name: EquipmentLock :one
-- A live piece of equipment, which stays so until the transaction ends; so its endpoint is written by one at a time.
SELECT id FROM equipment WHERE id = @id AND archived_at IS NULL FOR NO KEY UPDATE;

-- name: EndpointGet :one
SELECT * FROM endpoint WHERE equipment_id = @equipment_id;

-- name: EndpointLock :one
SELECT * FROM endpoint WHERE equipment_id = @equipment_id FOR NO KEY UPDATE;

-- name: EndpointShown :one
-- An endpoint, with how its equipment is polled.
SELECT sqlc.embed(e), p.interval_s, p.due_at, p.missed, p.polled_at, p.problem, p.failures, p.failing_since, p.not_before
FROM endpoint e LEFT JOIN telemetry_poll p ON p.equipment_id = e.equipment_id
WHERE e.equipment_id = @equipment_id;

-- name: EndpointList :many
-- A page by equipment, as EndpointShown.
SELECT sqlc.embed(e), p.interval_s, p.due_at, p.missed, p.polled_at, p.problem, p.failures, p.failing_since, p.not_before
FROM endpoint e LEFT JOIN telemetry_poll p ON p.equipment_id = e.equipment_id
WHERE e.equipment_id > @after::bigint AND (sqlc.narg('driver')::text IS NULL OR e.driver = sqlc.narg('driver')::text)
  AND (sqlc.narg('failing')::boolean IS NULL OR coalesce(p.failures > 0, false) = sqlc.narg('failing')::boolean)
ORDER BY e.equipment_id
LIMIT @take OFFSET @skip::bigint;

-- name: EndpointCount :one
SELECT count(*) FROM endpoint e LEFT JOIN telemetry_poll p ON p.equipment_id = e.equipment_id
WHERE (sqlc.narg('driver')::text IS NULL OR e.driver = sqlc.narg('driver')::text)
  AND (sqlc.narg('failing')::boolean IS NULL OR coalesce(p.failures > 0, false) = sqlc.narg('failing')::boolean);

-- name: EndpointInsert :one
INSERT INTO endpoint (equipment_id, driver, address, options, secret, admin_state)
VALUES (@equipment_id, @driver, @address, @options, @secret, @admin_state)
RETURNING *;

-- name: EndpointUpdate :one
UPDATE endpoint SET driver = @driver, address = @address, options = @options, secret = @secret, admin_state = @admin_state,
       revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE equipment_id = @equipment_id
RETURNING *;

-- name: EndpointDelete :exec
DELETE FROM endpoint WHERE equipment_id = @equipment_id;

-- name: EndpointShutDown :many
-- The endpoints that are shutting down and have nothing left to do.
SELECT e.equipment_id FROM endpoint e
WHERE e.admin_state = 'shutting-down' AND NOT EXISTS (
    SELECT FROM issued_command c WHERE c.equipment_id = e.equipment_id
    AND c.state IN ('awaiting_approval', 'queued', 'sending', 'accepted', 'verifying', 'unknown'));

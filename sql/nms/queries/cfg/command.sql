-- name: CommandList :many
-- A page in the order of names, from the place after the cursor.
SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id,
       e.name AS equipment_name, u.name AS undo_cmd_name
FROM command c
JOIN equipment e ON e.id = c.equipment_id
LEFT JOIN command u ON u.id = c.undo_cmd_id
WHERE c.archived_at IS NULL
  AND (sqlc.narg('after_name')::text IS NULL OR (c.name, c.id) > (sqlc.narg('after_name')::text, sqlc.narg('after_id')::bigint))
  AND (sqlc.narg('name')::text IS NULL OR c.name_key = name_key(sqlc.narg('name')::text))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.live_equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL OR e.name_key = name_key(sqlc.narg('equipment_name')::text))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.live_toc_id IN (
        SELECT t.id FROM command_toc r
        JOIN command_toc t ON t.id = r.id OR (t.parent_path >= r.parent_path || r.id::text AND t.parent_path < (r.parent_path || r.id::text || 'z'::text))
        WHERE r.id = sqlc.narg('toc_id')::bigint AND r.archived_at IS NULL))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT name_key(sqlc.narg('q')::text))) > 0)
ORDER BY c.name, c.id
LIMIT @most OFFSET @skip;

-- name: CommandListSorted :many
-- A page in any other order; sort_key is what its cursor remembers.
WITH keyed AS (
    SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id,
           e.name AS equipment_name, u.name AS undo_cmd_name,
           (CASE @sort::text
                WHEN 'id' THEN lpad(c.id::text, 19, '0')
                WHEN 'name_full' THEN c.name_full
                WHEN 'equipment_name' THEN e.name
                ELSE c.name
            END COLLATE "C")::text AS sort_key
    FROM command c
    JOIN equipment e ON e.id = c.equipment_id
    LEFT JOIN command u ON u.id = c.undo_cmd_id
    WHERE c.archived_at IS NULL
      AND (sqlc.narg('name')::text IS NULL OR c.name_key = name_key(sqlc.narg('name')::text))
      AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.live_equipment_id = sqlc.narg('equipment_id')::bigint)
      AND (sqlc.narg('equipment_name')::text IS NULL OR e.name_key = name_key(sqlc.narg('equipment_name')::text))
      AND (sqlc.narg('toc_id')::bigint IS NULL OR c.live_toc_id IN (
            SELECT t.id FROM command_toc r
            JOIN command_toc t ON t.id = r.id OR (t.parent_path >= r.parent_path || r.id::text AND t.parent_path < (r.parent_path || r.id::text || 'z'::text))
            WHERE r.id = sqlc.narg('toc_id')::bigint AND r.archived_at IS NULL))
      AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT name_key(sqlc.narg('q')::text))) > 0)
)
SELECT id, equipment_id, toc_id, name, name_full, description, undo_cmd_id, equipment_name, undo_cmd_name, sort_key
FROM keyed
WHERE sqlc.narg('after_key')::text IS NULL
   OR (NOT @descending::boolean AND (sort_key COLLATE "C", id) > (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
   OR (@descending::boolean AND (sort_key COLLATE "C", id) < (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
ORDER BY CASE WHEN @descending::boolean THEN NULL ELSE sort_key COLLATE "C" END,
         CASE WHEN @descending::boolean THEN NULL ELSE id END,
         CASE WHEN @descending::boolean THEN sort_key COLLATE "C" END DESC,
         CASE WHEN @descending::boolean THEN id END DESC
LIMIT @most OFFSET @skip;

-- name: CommandCount :one
SELECT count(*)
FROM command c
JOIN equipment e ON e.id = c.equipment_id
WHERE c.archived_at IS NULL
  AND (sqlc.narg('name')::text IS NULL OR c.name_key = name_key(sqlc.narg('name')::text))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.live_equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL OR e.name_key = name_key(sqlc.narg('equipment_name')::text))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.live_toc_id IN (
        SELECT t.id FROM command_toc r
        JOIN command_toc t ON t.id = r.id OR (t.parent_path >= r.parent_path || r.id::text AND t.parent_path < (r.parent_path || r.id::text || 'z'::text))
        WHERE r.id = sqlc.narg('toc_id')::bigint AND r.archived_at IS NULL))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT name_key(sqlc.narg('q')::text))) > 0);

-- name: CommandCountAll :one
SELECT count(*) FROM command WHERE archived_at IS NULL;

-- name: CommandGetLive :many
-- In no order. The number of ids is hidden from the planner, which would otherwise make a plan for each call.
SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id,
       e.name AS equipment_name, u.name AS undo_cmd_name
FROM command c
JOIN equipment e ON e.id = c.equipment_id
LEFT JOIN command u ON u.id = c.undo_cmd_id
WHERE c.id = ANY ((SELECT @ids::bigint[])::bigint[]) AND c.archived_at IS NULL;

-- name: CommandGetMany :many
SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id,
       e.name AS equipment_name, u.name AS undo_cmd_name
FROM command c
JOIN equipment e ON e.id = c.equipment_id
LEFT JOIN command u ON u.id = c.undo_cmd_id
WHERE c.id = ANY (@ids::bigint[])
ORDER BY c.name, c.id;

-- name: CommandHold :one
-- Holds the row until the transaction ends.
SELECT archived_at, equipment_id, toc_id, name, name_full, description, undo_cmd_id FROM command
WHERE id = @id FOR NO KEY UPDATE;

-- name: CommandInsert :one
INSERT INTO command (equipment_id, toc_id, name, name_full, description, undo_cmd_id)
VALUES (@equipment_id, @toc_id, @name, @name_full, @description, @undo_cmd_id)
RETURNING id;

-- name: CommandUpdate :exec
UPDATE command
SET equipment_id = @equipment_id, toc_id = @toc_id, name = @name, name_full = @name_full,
    description = @description, undo_cmd_id = @undo_cmd_id
WHERE id = @id;

-- name: CommandArchive :exec
UPDATE command SET archived_at = now() WHERE id = @id AND archived_at IS NULL;

-- name: CommandRestore :exec
UPDATE command SET archived_at = NULL WHERE id = @id;

-- name: CommandArchiveMany :exec
UPDATE command SET archived_at = now() WHERE id = ANY (@ids::bigint[]) AND archived_at IS NULL;

-- name: CommandRestoreMany :exec
UPDATE command SET archived_at = NULL WHERE id = ANY (@ids::bigint[]);

-- name: CommandIDsOfEquipment :many
-- The live commands of any of the equipment.
SELECT id FROM command WHERE live_equipment_id = ANY (@equipment_ids::bigint[]);

-- name: CommandIDsArchivedWith :many
-- The commands of any of the equipment that the same act archived.
SELECT c.id FROM command c
WHERE c.equipment_id = ANY (@equipment_ids::bigint[])
  AND c.archived_at = (SELECT e.archived_at FROM equipment e WHERE e.id = @equipment_id);

-- name: CommandsOfEquipment :many
SELECT id, name FROM command WHERE live_equipment_id = @id::bigint ORDER BY name, id LIMIT @most;

-- name: CommandsOfEquipmentCount :one
SELECT count(*) FROM command WHERE live_equipment_id = @id::bigint;

-- name: CommandsOfSection :many
SELECT id, name FROM command WHERE live_toc_id = @id::bigint ORDER BY name, id LIMIT @most;

-- name: CommandsOfSectionCount :one
SELECT count(*) FROM command WHERE live_toc_id = @id::bigint;

-- name: CommandsUndoneBy :many
SELECT id, name FROM command WHERE live_undo_cmd_id = @id::bigint ORDER BY name, id LIMIT @most;

-- name: CommandsUndoneByCount :one
SELECT count(*) FROM command WHERE live_undo_cmd_id = @id::bigint;

-- name: CommandCurrent :one
SELECT version, valid_from, actor, request_id, archived_at,
       equipment_id, toc_id, undo_cmd_id, name, name_full, description
FROM command WHERE id = @id;

-- name: CommandHistory :many
SELECT version, valid_from, valid_until, actor, request_id, snapshot FROM command_history
WHERE id = @id AND version < @before::integer
ORDER BY version DESC LIMIT @most;

-- name: CommandNextIDs :many
SELECT nextval(pg_get_serial_sequence('command', 'id'))::bigint FROM generate_series(1, @count::integer);

-- name: CommandAll :many
-- Every live command, for an export or to compare an import with.
SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id
FROM command c
WHERE c.archived_at IS NULL
ORDER BY c.name, c.id;

-- name: CommandList :many
-- A page in the order of names, from the place after the cursor.
SELECT * FROM live_command c
WHERE (sqlc.narg('after_name')::text IS NULL OR (c.name, c.id) > (sqlc.narg('after_name')::text, sqlc.narg('after_id')::bigint))
  AND (sqlc.narg('name')::text IS NULL
       OR c.name = ANY (ARRAY(SELECT DISTINCT k.name FROM command k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('name')::text))))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL
       OR c.equipment_id = ANY (ARRAY(SELECT k.id FROM equipment k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('equipment_name')::text))))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.toc_id IN (
        SELECT t.id FROM command_toc r
        JOIN command_toc t ON t.id = r.id OR (t.parent_path >= r.parent_path || r.id::text AND t.parent_path < (r.parent_path || r.id::text || 'z'::text))
        WHERE r.id = sqlc.narg('toc_id')::bigint AND r.archived_at IS NULL))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0)
ORDER BY c.name, c.id
LIMIT @most OFFSET @skip;

-- name: CommandListSorted :many
-- A page in any other order.
SELECT c.* FROM live_command c
CROSS JOIN LATERAL (SELECT (CASE @sort::text WHEN 'id' THEN lpad(c.id::text, 19, '0') WHEN 'name_full' THEN c.name_full
                                   WHEN 'equipment_name' THEN c.equipment_name ELSE c.name END COLLATE "C")::text AS key) AS sort
WHERE (sqlc.narg('after_key')::text IS NULL
       OR (NOT @descending::boolean AND (sort.key COLLATE "C", c.id) > (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
       OR (@descending::boolean AND (sort.key COLLATE "C", c.id) < (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint)))
  AND (sqlc.narg('name')::text IS NULL
       OR c.name = ANY (ARRAY(SELECT DISTINCT k.name FROM command k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('name')::text))))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL
       OR c.equipment_id = ANY (ARRAY(SELECT k.id FROM equipment k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('equipment_name')::text))))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.toc_id IN (
        SELECT t.id FROM command_toc r
        JOIN command_toc t ON t.id = r.id OR (t.parent_path >= r.parent_path || r.id::text AND t.parent_path < (r.parent_path || r.id::text || 'z'::text))
        WHERE r.id = sqlc.narg('toc_id')::bigint AND r.archived_at IS NULL))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0)
ORDER BY CASE WHEN @descending::boolean THEN NULL ELSE sort.key COLLATE "C" END,
         CASE WHEN @descending::boolean THEN NULL ELSE c.id END,
         CASE WHEN @descending::boolean THEN sort.key COLLATE "C" END DESC,
         CASE WHEN @descending::boolean THEN c.id END DESC
LIMIT @most OFFSET @skip;

-- name: CommandCount :one
SELECT count(*) FROM live_command c
WHERE (sqlc.narg('name')::text IS NULL
       OR c.name = ANY (ARRAY(SELECT DISTINCT k.name FROM command k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('name')::text))))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL
       OR c.equipment_id = ANY (ARRAY(SELECT k.id FROM equipment k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('equipment_name')::text))))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.toc_id IN (
        SELECT t.id FROM command_toc r
        JOIN command_toc t ON t.id = r.id OR (t.parent_path >= r.parent_path || r.id::text AND t.parent_path < (r.parent_path || r.id::text || 'z'::text))
        WHERE r.id = sqlc.narg('toc_id')::bigint AND r.archived_at IS NULL))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0);

-- name: CommandCountAll :one
SELECT count(*) FROM command WHERE archived_at IS NULL;

-- name: CommandAll :many
-- Every live command, for an export or to compare an import with. Those know the names already, so this does without
-- the joins of live_command, which take two thirds of the time.
SELECT id, equipment_id, toc_id, name, name_full, description, undo_cmd_id FROM command
WHERE archived_at IS NULL
ORDER BY name, id;

-- name: CommandGetLive :many
-- In no order. The number of ids is hidden from the planner, which would otherwise make a plan for each call.
SELECT * FROM live_command WHERE id = ANY ((SELECT @ids::bigint[])::bigint[]);

-- name: CommandLock :one
-- Locks the row until the transaction ends.
SELECT * FROM command WHERE id = @id FOR NO KEY UPDATE;

-- name: CommandInsert :one
INSERT INTO command (equipment_id, toc_id, name, name_full, description, undo_cmd_id)
VALUES (@equipment_id, @toc_id, @name, @name_full, @description, @undo_cmd_id)
RETURNING id;

-- name: CommandUpdate :exec
UPDATE command
SET equipment_id = @equipment_id, toc_id = @toc_id, name = @name, name_full = @name_full,
    description = @description, undo_cmd_id = @undo_cmd_id
WHERE id = @id;

-- name: CommandUpdateMany :exec
-- undo_cmd_ids hold 0 for none.
UPDATE command c
SET equipment_id = u.equipment_id, toc_id = u.toc_id, name = u.name, name_full = u.name_full,
    description = u.description, undo_cmd_id = nullif(u.undo_cmd_id, 0)
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@equipment_ids::bigint[]) AS equipment_id,
             unnest(@toc_ids::bigint[]) AS toc_id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full,
             unnest(@descriptions::text[]) AS description,
             unnest(@undo_cmd_ids::bigint[]) AS undo_cmd_id) u
WHERE c.id = u.id;

-- name: CommandArchive :exec
UPDATE command SET archived_at = row_moment() WHERE id = @id AND archived_at IS NULL;

-- name: CommandRestore :exec
UPDATE command SET archived_at = NULL WHERE id = @id;

-- name: CommandArchiveMany :exec
UPDATE command SET archived_at = row_moment() WHERE id = ANY (@ids::bigint[]) AND archived_at IS NULL;

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

-- name: CommandNextIDs :many
SELECT nextval(pg_get_serial_sequence('command', 'id'))::bigint FROM generate_series(1, @count::integer);

-- name: CommandListAt :many
-- A page, in any order, of the commands that were live, or archived, at a moment, with the names of then.
WITH RECURSIVE section AS (
    SELECT t.id FROM command_toc_version t
    WHERE t.id = sqlc.narg('toc_id')::bigint AND t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz
    UNION
    SELECT t.id FROM section s
    JOIN command_toc_version t ON t.parent_id = s.id AND t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz
)
SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id,
       e.name AS equipment_name, u.name AS undo_cmd_name, c.archived_at
FROM command_version c
JOIN equipment_version e ON e.id = c.equipment_id AND e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
LEFT JOIN command_version u ON u.id = c.undo_cmd_id AND u.valid_from <= @moment::timestamptz AND u.valid_until > @moment::timestamptz
CROSS JOIN LATERAL (SELECT (CASE @sort::text WHEN 'id' THEN lpad(c.id::text, 19, '0') WHEN 'name_full' THEN c.name_full
                                   WHEN 'equipment_name' THEN e.name ELSE c.name END COLLATE "C")::text AS key) AS sort
WHERE c.valid_from <= @moment::timestamptz AND c.valid_until > @moment::timestamptz AND (c.archived_at IS NOT NULL) = @archived::boolean
  AND (sqlc.narg('after_key')::text IS NULL
       OR (NOT @descending::boolean AND (sort.key COLLATE "C", c.id) > (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
       OR (@descending::boolean AND (sort.key COLLATE "C", c.id) < (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint)))
  AND (sqlc.narg('name')::text IS NULL OR name_key(c.name) = (SELECT name_key(sqlc.narg('name')::text)))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL OR name_key(e.name) = (SELECT name_key(sqlc.narg('equipment_name')::text)))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.toc_id IN (SELECT section.id FROM section))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0)
ORDER BY CASE WHEN @descending::boolean THEN NULL ELSE sort.key COLLATE "C" END,
         CASE WHEN @descending::boolean THEN NULL ELSE c.id END,
         CASE WHEN @descending::boolean THEN sort.key COLLATE "C" END DESC,
         CASE WHEN @descending::boolean THEN c.id END DESC
LIMIT @most OFFSET @skip;

-- name: CommandCountAt :one
WITH RECURSIVE section AS (
    SELECT t.id FROM command_toc_version t
    WHERE t.id = sqlc.narg('toc_id')::bigint AND t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz
    UNION
    SELECT t.id FROM section s
    JOIN command_toc_version t ON t.parent_id = s.id AND t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz
)
SELECT count(*)
FROM command_version c
WHERE c.valid_from <= @moment::timestamptz AND c.valid_until > @moment::timestamptz AND (c.archived_at IS NOT NULL) = @archived::boolean
  AND (sqlc.narg('name')::text IS NULL OR name_key(c.name) = (SELECT name_key(sqlc.narg('name')::text)))
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR c.equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('equipment_name')::text IS NULL OR c.equipment_id IN (
        SELECT e.id FROM equipment_version e
        WHERE e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
          AND name_key(e.name) = (SELECT name_key(sqlc.narg('equipment_name')::text))))
  AND (sqlc.narg('toc_id')::bigint IS NULL OR c.toc_id IN (SELECT section.id FROM section))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((c.name || E'\n' || c.name_full || E'\n' || c.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0);

-- name: CommandGetAt :one
-- The command as it was at a moment when it was live.
SELECT c.id, c.equipment_id, c.toc_id, c.name, c.name_full, c.description, c.undo_cmd_id,
       e.name AS equipment_name, u.name AS undo_cmd_name
FROM command_version c
JOIN equipment_version e ON e.id = c.equipment_id AND e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
LEFT JOIN command_version u ON u.id = c.undo_cmd_id AND u.valid_from <= @moment::timestamptz AND u.valid_until > @moment::timestamptz
WHERE c.id = @id::bigint AND c.archived_at IS NULL AND c.valid_from <= @moment::timestamptz AND c.valid_until > @moment::timestamptz;

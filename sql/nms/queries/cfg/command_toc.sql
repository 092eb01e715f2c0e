-- name: CommandTOCList :many
-- Every live node, parents before children.
SELECT id, parent_id, parent_path, name, coalesce(name_full, name)::text AS name_full FROM command_toc
WHERE archived_at IS NULL
ORDER BY parent_path, name, id;

-- name: CommandTOCListByID :many
SELECT id, parent_id, parent_path, name, coalesce(name_full, name)::text AS name_full FROM command_toc
WHERE archived_at IS NULL AND id = @id;

-- name: CommandTOCListByName :many
SELECT id, parent_id, parent_path, name, coalesce(name_full, name)::text AS name_full FROM command_toc
WHERE archived_at IS NULL AND name_key = name_key(@name::text)
ORDER BY parent_path, name, id;

-- name: CommandTOCListSubtree :many
-- The node itself and everything below it.
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM command_toc r WHERE r.archived_at IS NULL AND r.id = @id)
SELECT e.id, e.parent_id, e.parent_path, e.name, coalesce(e.name_full, e.name)::text AS name_full FROM root, command_toc e
WHERE e.archived_at IS NULL AND (e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z'))
ORDER BY e.parent_path, e.name, e.id;

-- name: CommandTOCListSubtreeByName :many
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM command_toc r WHERE r.archived_at IS NULL AND r.name_key = name_key(@name::text))
SELECT DISTINCT e.id, e.parent_id, e.parent_path, e.name, coalesce(e.name_full, e.name)::text AS name_full FROM root, command_toc e
WHERE e.archived_at IS NULL AND (e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z'))
ORDER BY e.parent_path, e.name, e.id;

-- name: CommandTOCSearch :many
-- Live nodes with the text somewhere in the name or the full name, letter case aside.
SELECT id, parent_id, parent_path, name, coalesce(name_full, name)::text AS name_full FROM command_toc
WHERE archived_at IS NULL
  AND strpos(lower((name || E'\n' || coalesce(name_full, name)::text) COLLATE "und-x-icu"), (SELECT name_key(@q::text))) > 0
ORDER BY parent_path, name, id;

-- name: CommandTOCNames :many
SELECT id, name FROM command_toc WHERE id = ANY (@ids::bigint[]);

-- name: CommandTOCGetLive :many
-- Live nodes (chosen), and once each the nodes above them, of which only the name is told; in no order. Names for
-- each node by itself take three times as long for thirty nodes. The number of ids is hidden from the planner, which
-- would otherwise make a plan for each call.
WITH chosen AS MATERIALIZED (
    SELECT id, parent_id, parent_path, name, coalesce(name_full, name)::text AS name_full FROM command_toc
    WHERE id = ANY ((SELECT @ids::bigint[])::bigint[]) AND archived_at IS NULL
)
SELECT true AS chosen, id, parent_id, parent_path, name, name_full FROM chosen
UNION ALL
SELECT false, id, NULL, '', name, '' FROM command_toc
WHERE id = ANY ((SELECT string_to_array(string_agg(parent_path::text, '.'), '.')::bigint[] FROM chosen)::bigint[]);

-- name: CommandTOCHold :one
-- Holds the row until the transaction ends.
SELECT archived_at, parent_id, name, name_full FROM command_toc WHERE id = @id FOR NO KEY UPDATE;

-- name: CommandTOCLockTree :exec
-- Holds the shape of the tree, so that the statements that follow see it as it stays.
SELECT tree_lock('command_toc'::regclass, true);

-- name: CommandTOCInsert :one
INSERT INTO command_toc (parent_id, name, name_full) VALUES (@parent_id, @name, @name_full) RETURNING id;

-- name: CommandTOCUpdate :exec
UPDATE command_toc SET parent_id = @parent_id, name = @name, name_full = @name_full WHERE id = @id;

-- name: CommandTOCRename :exec
-- Leaves the place alone, so that it needs no lock of the tree.
UPDATE command_toc SET name = @name, name_full = @name_full WHERE id = @id;

-- name: CommandTOCHasChildren :one
SELECT EXISTS (SELECT FROM command_toc WHERE live_parent_id = @id::bigint);

-- name: CommandTOCArchive :exec
UPDATE command_toc SET archived_at = now() WHERE id = @id AND archived_at IS NULL;

-- name: CommandTOCRestore :exec
UPDATE command_toc SET archived_at = NULL WHERE id = @id;

-- name: CommandTOCSubtreeIDs :many
-- The live node and everything live below it.
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM command_toc r WHERE r.id = @id)
SELECT e.id FROM root, command_toc e
WHERE e.archived_at IS NULL AND (e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z'));

-- name: CommandTOCArchivedTogether :many
-- The archived node and everything below it that the same act archived.
WITH root AS (SELECT r.id, r.archived_at, r.parent_path || r.id::text AS path FROM command_toc r WHERE r.id = @id)
SELECT e.id FROM root, command_toc e
WHERE e.archived_at = root.archived_at AND (e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z'));

-- name: CommandTOCArchiveMany :exec
UPDATE command_toc SET archived_at = now() WHERE id = ANY (@ids::bigint[]) AND archived_at IS NULL;

-- name: CommandTOCRestoreMany :exec
UPDATE command_toc SET archived_at = NULL WHERE id = ANY (@ids::bigint[]);

-- name: CommandTOCChildren :many
SELECT id, name FROM command_toc WHERE live_parent_id = @id::bigint ORDER BY name, id LIMIT @most;

-- name: CommandTOCChildrenCount :one
SELECT count(*) FROM command_toc WHERE live_parent_id = @id::bigint;

-- name: CommandTOCDescendantsCount :one
WITH root AS (SELECT r.parent_path || r.id::text AS path FROM command_toc r WHERE r.id = @id)
SELECT count(*) FROM root, command_toc e
WHERE e.archived_at IS NULL AND e.parent_path >= root.path AND e.parent_path < root.path || 'z';

-- name: CommandTOCCurrent :one
-- The version that the row carries.
SELECT version, valid_from, actor, request_id, archived_at, parent_id, name, name_full AS name_full FROM command_toc WHERE id = @id;

-- name: CommandTOCHistory :many
-- The versions that were superseded, newest first.
SELECT version, valid_from, valid_until, actor, request_id, snapshot FROM command_toc_history
WHERE id = @id AND version < @before::integer
ORDER BY version DESC LIMIT @most;

-- name: CommandTOCNextIDs :many
-- A block of fresh ids for a bulk load.
SELECT nextval(pg_get_serial_sequence('command_toc', 'id'))::bigint FROM generate_series(1, @count::integer);

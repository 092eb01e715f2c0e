-- name: CommandTOCList :many
-- Every live node, parents before children.
SELECT * FROM live_command_toc ORDER BY parent_path, name, id;

-- name: CommandTOCListByID :many
SELECT * FROM live_command_toc WHERE id = @id;

-- name: CommandTOCListByName :many
SELECT * FROM live_command_toc
WHERE id = ANY (ARRAY(SELECT k.id FROM command_toc k WHERE k.archived_at IS NULL AND k.name_key = name_key(@name::text)))
ORDER BY parent_path, name, id;

-- name: CommandTOCListSubtree :many
-- The node itself and everything below it.
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM command_toc r WHERE r.archived_at IS NULL AND r.id = @id)
SELECT e.* FROM root, live_command_toc e
WHERE e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z')
ORDER BY e.parent_path, e.name, e.id;

-- name: CommandTOCListSubtreeByName :many
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM command_toc r WHERE r.archived_at IS NULL AND r.name_key = name_key(@name::text))
SELECT DISTINCT e.* FROM root, live_command_toc e
WHERE e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z')
ORDER BY e.parent_path, e.name, e.id;

-- name: CommandTOCListSubtreeByPath :many
-- The nodes at the end of a path of names, which are several only where old names were made equal, and everything below.
WITH RECURSIVE walk AS (
    SELECT NULL::bigint AS id, NULL::ltree AS path, 0 AS depth
    UNION ALL
    SELECT r.id, r.parent_path || r.id::text, w.depth + 1 FROM walk w
    JOIN command_toc r ON r.archived_at IS NULL AND r.name_key = name_key((@names::text[])[w.depth + 1]) AND r.parent_id IS NOT DISTINCT FROM w.id
), root AS (SELECT w.id, w.path FROM walk w WHERE w.depth = cardinality(@names::text[]))
SELECT DISTINCT e.* FROM root, live_command_toc e
WHERE e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z')
ORDER BY e.parent_path, e.name, e.id;

-- name: CommandTOCSearch :many
-- Live nodes with the text somewhere in the name or the full name, letter case aside.
SELECT * FROM live_command_toc
WHERE strpos(lower((name || E'\n' || coalesce(name_full, name)::text) COLLATE "und-x-icu"), (SELECT lower(normalize(@q::text, NFC) COLLATE "und-x-icu"))) > 0
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

-- name: CommandTOCLock :one
-- Locks the row until the transaction ends.
SELECT * FROM command_toc WHERE id = @id FOR NO KEY UPDATE;

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

-- name: CommandTOCArchive :exec
UPDATE command_toc SET archived_at = now() WHERE id = @id AND archived_at IS NULL;

-- name: CommandTOCRestore :exec
UPDATE command_toc SET archived_at = NULL WHERE id = @id;

-- name: CommandTOCDescendantsCount :one
WITH root AS (SELECT r.parent_path || r.id::text AS path FROM command_toc r WHERE r.id = @id)
SELECT count(*) FROM root, command_toc e
WHERE e.archived_at IS NULL AND e.parent_path >= root.path AND e.parent_path < root.path || 'z';

-- name: CommandTOCNextIDs :many
-- A block of fresh ids for a bulk load.
SELECT nextval(pg_get_serial_sequence('command_toc', 'id'))::bigint FROM generate_series(1, @count::integer);

-- name: CommandTOCUpdateMany :exec
-- names_full hold '' for none.
UPDATE command_toc e SET name = u.name, name_full = nullif(u.name_full, '')
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full) u
WHERE e.id = u.id;

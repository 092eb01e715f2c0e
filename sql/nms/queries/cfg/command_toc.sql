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
UPDATE command_toc SET archived_at = row_moment() WHERE id = @id AND archived_at IS NULL;

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

-- name: CommandTOCListLevels :many
-- The nodes at the top (the root, those of a name, or without either all roots) and the levels below them, down to
-- depth; top is the node at the top. The nodes of the last level tell how many children they have. Only these levels
-- are read: OFFSET 0 keeps the planner, who does not know how few they are, from joining the whole table.
WITH RECURSIVE level AS (
    (SELECT r.id AS top, 0 AS depth, r.id, r.parent_id, r.parent_path, r.name, coalesce(r.name_full, r.name)::text AS name_full FROM command_toc r
     WHERE r.archived_at IS NULL AND r.id = sqlc.narg('root_id')::bigint
     UNION ALL
     SELECT r.id, 0, r.id, r.parent_id, r.parent_path, r.name, coalesce(r.name_full, r.name)::text FROM command_toc r
     WHERE r.archived_at IS NULL AND r.name_key = (SELECT name_key(sqlc.narg('root_name')::text))
     UNION ALL
     SELECT r.id, 0, r.id, r.parent_id, r.parent_path, r.name, coalesce(r.name_full, r.name)::text FROM command_toc r
     WHERE r.archived_at IS NULL AND r.parent_path = '0' AND sqlc.narg('root_id')::bigint IS NULL AND sqlc.narg('root_name')::text IS NULL)
    UNION ALL
    SELECT l.top, l.depth + 1, below.id, below.parent_id, below.parent_path, below.name, below.name_full FROM level l
    CROSS JOIN LATERAL (SELECT c.id, c.parent_id, c.parent_path, c.name, coalesce(c.name_full, c.name)::text AS name_full FROM command_toc c
                        WHERE c.live_parent_id = l.id OFFSET 0) below
    WHERE l.depth < @depth::integer
)
SELECT l.top::bigint AS top, l.id, l.parent_id, l.parent_path, l.name, l.name_full,
       CASE WHEN l.depth = @depth::integer THEN (SELECT count(*) FROM command_toc c WHERE c.live_parent_id = l.id) ELSE 0 END::bigint AS children
FROM level l
ORDER BY l.parent_path, l.name, l.id;

-- name: CommandTOCListAt :many
-- Every node, live or archived, as it was at a moment, in no order; matches says whether the filter by name or text
-- chooses it. Paths follow from the parents.
SELECT e.id, e.parent_id, e.name, coalesce(e.name_full, e.name)::text AS name_full, e.archived_at,
       (CASE WHEN sqlc.narg('name')::text IS NOT NULL THEN name_key(e.name) = (SELECT name_key(sqlc.narg('name')::text))
             WHEN sqlc.narg('q')::text IS NOT NULL
             THEN strpos(lower((e.name || E'\n' || coalesce(e.name_full, e.name)::text) COLLATE "und-x-icu"), (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0
             ELSE true END)::boolean AS matches
FROM command_toc_version e
WHERE e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz;

-- name: CommandTOCGetAt :many
-- The node as it was at a moment, live or archived, and the nodes then above it, from the node up.
WITH RECURSIVE above AS (
    SELECT e.id, e.parent_id, e.name, coalesce(e.name_full, e.name)::text AS name_full, e.archived_at, 0 AS up FROM command_toc_version e
    WHERE e.id = @id::bigint AND e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
    UNION ALL
    SELECT e.id, e.parent_id, e.name, coalesce(e.name_full, e.name)::text, e.archived_at, w.up + 1
    FROM above w JOIN command_toc_version e ON e.id = w.parent_id AND e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
    WHERE w.up < 100
)
SELECT id, parent_id, name, name_full, archived_at, true AS matches FROM above ORDER BY up;

-- name: CommandTOCIDsByPath :many
-- The live nodes at the end of a path of names.
WITH RECURSIVE walk AS (
    SELECT NULL::bigint AS id, 0 AS depth
    UNION ALL
    SELECT r.id, w.depth + 1 FROM walk w
    JOIN command_toc r ON r.archived_at IS NULL AND r.name_key = name_key((@names::text[])[w.depth + 1]) AND r.parent_id IS NOT DISTINCT FROM w.id
)
SELECT w.id::bigint FROM walk w WHERE w.depth = cardinality(@names::text[]) ORDER BY w.id;

-- name: EquipmentList :many
-- Every live node, parents before children.
SELECT * FROM live_equipment ORDER BY parent_path, name, id;

-- name: EquipmentListByID :many
SELECT * FROM live_equipment WHERE id = @id;

-- name: EquipmentListByName :many
SELECT * FROM live_equipment
WHERE id = ANY (ARRAY(SELECT k.id FROM equipment k WHERE k.archived_at IS NULL AND k.name_key = name_key(@name::text)))
ORDER BY parent_path, name, id;

-- name: EquipmentListSubtree :many
-- The node itself and everything below it.
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM equipment r WHERE r.archived_at IS NULL AND r.id = @id)
SELECT e.* FROM root, live_equipment e
WHERE e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z')
ORDER BY e.parent_path, e.name, e.id;

-- name: EquipmentListSubtreeByName :many
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM equipment r WHERE r.archived_at IS NULL AND r.name_key = name_key(@name::text))
SELECT DISTINCT e.* FROM root, live_equipment e
WHERE e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z')
ORDER BY e.parent_path, e.name, e.id;

-- name: EquipmentListSubtreeByPath :many
-- The nodes at the end of a path of names, which are several only where old names were made equal, and everything below.
WITH RECURSIVE walk AS (
    SELECT NULL::bigint AS id, NULL::ltree AS path, 0 AS depth
    UNION ALL
    SELECT r.id, r.parent_path || r.id::text, w.depth + 1 FROM walk w
    JOIN equipment r ON r.archived_at IS NULL AND r.name_key = name_key((@names::text[])[w.depth + 1]) AND r.parent_id IS NOT DISTINCT FROM w.id
), root AS (SELECT w.id, w.path FROM walk w WHERE w.depth = cardinality(@names::text[]))
SELECT DISTINCT e.* FROM root, live_equipment e
WHERE e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z')
ORDER BY e.parent_path, e.name, e.id;

-- name: EquipmentSearch :many
-- Live nodes with the text somewhere in the name or the full name, letter case aside.
SELECT * FROM live_equipment
WHERE strpos(lower((name || E'\n' || name_full) COLLATE "und-x-icu"), (SELECT lower(normalize(@q::text, NFC) COLLATE "und-x-icu"))) > 0
ORDER BY parent_path, name, id;

-- name: EquipmentNames :many
SELECT id, name FROM equipment WHERE id = ANY (@ids::bigint[]);

-- name: EquipmentGetLive :many
-- Live nodes (chosen), and once each the nodes above them, of which only the name is told; in no order. Names for
-- each node by itself take three times as long for thirty nodes. The number of ids is hidden from the planner, which
-- would otherwise make a plan for each call.
WITH chosen AS MATERIALIZED (
    SELECT id, parent_id, parent_path, name, name_full AS name_full FROM equipment
    WHERE id = ANY ((SELECT @ids::bigint[])::bigint[]) AND archived_at IS NULL
)
SELECT true AS chosen, id, parent_id, parent_path, name, name_full FROM chosen
UNION ALL
SELECT false, id, NULL, '', name, '' FROM equipment
WHERE id = ANY ((SELECT string_to_array(string_agg(parent_path::text, '.'), '.')::bigint[] FROM chosen)::bigint[]);

-- name: EquipmentGetMany :many
-- Some live nodes, parents before children.
SELECT * FROM live_equipment WHERE id = ANY (@ids::bigint[])
ORDER BY parent_path, name, id;

-- name: EquipmentLock :one
-- Locks the row until the transaction ends.
SELECT * FROM equipment WHERE id = @id FOR NO KEY UPDATE;

-- name: EquipmentLockTree :exec
-- Holds the shape of the tree, so that the statements that follow see it as it stays.
SELECT tree_lock('equipment'::regclass, true);

-- name: EquipmentInsert :one
INSERT INTO equipment (parent_id, name, name_full) VALUES (@parent_id, @name, @name_full) RETURNING id;

-- name: EquipmentUpdate :exec
UPDATE equipment SET parent_id = @parent_id, name = @name, name_full = @name_full WHERE id = @id;

-- name: EquipmentRename :exec
-- Leaves the place alone, so that it needs no lock of the tree.
UPDATE equipment SET name = @name, name_full = @name_full WHERE id = @id;

-- name: EquipmentArchive :exec
UPDATE equipment SET archived_at = row_moment() WHERE id = @id AND archived_at IS NULL;

-- name: EquipmentRestore :exec
UPDATE equipment SET archived_at = NULL WHERE id = @id;

-- name: EquipmentSubtreeIDs :many
-- The live node and everything live below it.
WITH root AS (SELECT r.id, r.parent_path || r.id::text AS path FROM equipment r WHERE r.id = @id)
SELECT e.id FROM root, equipment e
WHERE e.archived_at IS NULL AND (e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z'));

-- name: EquipmentArchivedTogether :many
-- The archived node and everything below it that the same act archived.
WITH root AS (SELECT r.id, r.archived_at, r.parent_path || r.id::text AS path FROM equipment r WHERE r.id = @id)
SELECT e.id FROM root, equipment e
WHERE e.archived_at = root.archived_at AND (e.id = root.id OR (e.parent_path >= root.path AND e.parent_path < root.path || 'z'));

-- name: EquipmentArchiveMany :exec
UPDATE equipment SET archived_at = row_moment() WHERE id = ANY (@ids::bigint[]) AND archived_at IS NULL;

-- name: EquipmentRestoreMany :exec
UPDATE equipment SET archived_at = NULL WHERE id = ANY (@ids::bigint[]);

-- name: EquipmentDescendantsCount :one
WITH root AS (SELECT r.parent_path || r.id::text AS path FROM equipment r WHERE r.id = @id)
SELECT count(*) FROM root, equipment e
WHERE e.archived_at IS NULL AND e.parent_path >= root.path AND e.parent_path < root.path || 'z';

-- name: EquipmentNextIDs :many
-- A block of fresh ids for a bulk load.
SELECT nextval(pg_get_serial_sequence('equipment', 'id'))::bigint FROM generate_series(1, @count::integer);

-- name: EquipmentUpdateMany :exec
UPDATE equipment e SET name = u.name, name_full = u.name_full
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full) u
WHERE e.id = u.id;

-- name: EquipmentListLevels :many
-- The nodes at the top (the root, those of a name, or without either all roots) and the levels below them, down to
-- depth; top is the node at the top. The nodes of the last level tell how many children they have. Only these levels
-- are read: OFFSET 0 keeps the planner, who does not know how few they are, from joining the whole table.
WITH RECURSIVE level AS (
    (SELECT r.id AS top, 0 AS depth, r.id, r.parent_id, r.parent_path, r.name, r.name_full AS name_full FROM equipment r
     WHERE r.archived_at IS NULL AND r.id = sqlc.narg('root_id')::bigint
     UNION ALL
     SELECT r.id, 0, r.id, r.parent_id, r.parent_path, r.name, r.name_full FROM equipment r
     WHERE r.archived_at IS NULL AND r.name_key = (SELECT name_key(sqlc.narg('root_name')::text))
     UNION ALL
     SELECT r.id, 0, r.id, r.parent_id, r.parent_path, r.name, r.name_full FROM equipment r
     WHERE r.archived_at IS NULL AND r.parent_path = '0' AND sqlc.narg('root_id')::bigint IS NULL AND sqlc.narg('root_name')::text IS NULL)
    UNION ALL
    SELECT l.top, l.depth + 1, below.id, below.parent_id, below.parent_path, below.name, below.name_full FROM level l
    CROSS JOIN LATERAL (SELECT c.id, c.parent_id, c.parent_path, c.name, c.name_full AS name_full FROM equipment c
                        WHERE c.live_parent_id = l.id OFFSET 0) below
    WHERE l.depth < @depth::integer
)
SELECT l.top::bigint AS top, l.id, l.parent_id, l.parent_path, l.name, l.name_full,
       CASE WHEN l.depth = @depth::integer THEN (SELECT count(*) FROM equipment c WHERE c.live_parent_id = l.id) ELSE 0 END::bigint AS children
FROM level l
ORDER BY l.parent_path, l.name, l.id;

-- name: EquipmentListAt :many
-- Every node, live or archived, as it was at a moment, in no order; matches says whether the filter by name or text
-- chooses it. Paths follow from the parents.
SELECT e.id, e.parent_id, e.name, e.name_full AS name_full, e.archived_at,
       (CASE WHEN sqlc.narg('name')::text IS NOT NULL THEN name_key(e.name) = (SELECT name_key(sqlc.narg('name')::text))
             WHEN sqlc.narg('q')::text IS NOT NULL
             THEN strpos(lower((e.name || E'\n' || e.name_full) COLLATE "und-x-icu"), (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0
             ELSE true END)::boolean AS matches
FROM equipment_version e
WHERE e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz;

-- name: EquipmentGetAt :many
-- The node as it was at a moment, live or archived, and the nodes then above it, from the node up.
WITH RECURSIVE above AS (
    SELECT e.id, e.parent_id, e.name, e.name_full AS name_full, e.archived_at, 0 AS up FROM equipment_version e
    WHERE e.id = @id::bigint AND e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
    UNION ALL
    SELECT e.id, e.parent_id, e.name, e.name_full, e.archived_at, w.up + 1
    FROM above w JOIN equipment_version e ON e.id = w.parent_id AND e.valid_from <= @moment::timestamptz AND e.valid_until > @moment::timestamptz
    WHERE w.up < 100
)
SELECT id, parent_id, name, name_full, archived_at, true AS matches FROM above ORDER BY up;

-- name: EquipmentIDsByPath :many
-- The live nodes at the end of a path of names.
WITH RECURSIVE walk AS (
    SELECT NULL::bigint AS id, 0 AS depth
    UNION ALL
    SELECT r.id, w.depth + 1 FROM walk w
    JOIN equipment r ON r.archived_at IS NULL AND r.name_key = name_key((@names::text[])[w.depth + 1]) AND r.parent_id IS NOT DISTINCT FROM w.id
)
SELECT w.id::bigint FROM walk w WHERE w.depth = cardinality(@names::text[]) ORDER BY w.id;

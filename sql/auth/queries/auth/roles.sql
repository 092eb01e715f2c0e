-- name: RoleGet :one
SELECT * FROM roles WHERE id = @id;

-- name: RoleLock :one
SELECT * FROM roles WHERE id = @id FOR NO KEY UPDATE;

-- name: RoleShare :one
-- Keeps the role as it is until the transaction ends: who grants it knows what it grants.
SELECT * FROM roles WHERE id = @id FOR SHARE;

-- name: RoleList :many
SELECT * FROM roles ORDER BY id COLLATE "C" LIMIT @max_rows::bigint OFFSET @skip_rows::bigint;

-- name: RoleCount :one
SELECT count(*) FROM roles;

-- name: RoleCreate :one
INSERT INTO roles (id, description, access) VALUES (@id, @description, @access) RETURNING *;

-- name: RoleEnsure :exec
INSERT INTO roles (id, description, access) VALUES (@id, @description, @access) ON CONFLICT (id) DO NOTHING;

-- name: RoleUpdate :one
UPDATE roles SET description = @description, access = @access, update_dt = clock_timestamp()
WHERE id = @id RETURNING *;

-- name: RoleDelete :exec
DELETE FROM roles WHERE id = @id;

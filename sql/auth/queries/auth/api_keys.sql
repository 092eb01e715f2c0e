-- name: APIKeyCreate :one
INSERT INTO api_keys (id, name, hash, access, cidrs, expires_at, created_by)
VALUES (@id, @name, @hash, @access, @cidrs, @expires_at, @created_by)
RETURNING *;

-- name: APIKeyLock :one
SELECT * FROM api_keys WHERE id = @id AND revoked_at IS NULL FOR NO KEY UPDATE;

-- name: APIKeyList :many
SELECT * FROM api_keys WHERE revoked_at IS NULL
ORDER BY created_at, id LIMIT @max_rows::bigint OFFSET @skip_rows::bigint;

-- name: APIKeyCount :one
SELECT count(*) FROM api_keys WHERE revoked_at IS NULL;

-- name: APIKeyRevoke :exec
UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = @id;

-- name: APIKeyVersion :one
SELECT version FROM api_keys_version;

-- name: APIKeyLive :many
-- The version comes from the same snapshot as the keys.
SELECT v.version, k.id, k.name, k.hash, k.access, k.cidrs, k.expires_at, k.created_at
FROM api_keys_version v
    LEFT JOIN api_keys k ON k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp());

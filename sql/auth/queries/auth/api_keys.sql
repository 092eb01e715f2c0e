-- name: APIKeyCreate :one
INSERT INTO api_keys (id, name, hash, access, cidrs, expires_at, created_by)
VALUES (@id, @name, @hash, @access, @cidrs, @expires_at, @created_by)
RETURNING *;

-- name: APIKeyLock :one
SELECT sqlc.embed(k), u.used_at, u.address
FROM api_keys k LEFT JOIN api_key_uses u ON u.key_id = k.id
WHERE k.id = @id AND k.revoked_at IS NULL
FOR NO KEY UPDATE OF k;

-- name: APIKeyList :many
SELECT sqlc.embed(k), u.used_at, u.address
FROM api_keys k LEFT JOIN api_key_uses u ON u.key_id = k.id
WHERE k.revoked_at IS NULL
ORDER BY k.created_at, k.id LIMIT @max_rows::bigint OFFSET @skip_rows::bigint;

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

-- name: APIKeyUse :execrows
-- Stores the last uses of keys that are later than what is stored, of each key at most one a minute, however many
-- instances do it at once. Keys that are gone are passed over.
INSERT INTO api_key_uses AS stored (key_id, used_at, address)
SELECT k.id, least(u.used_at, clock_timestamp()), nullif(u.address, '')::inet
FROM ROWS FROM (unnest(@ids::uuid[]), unnest(@used_at::timestamptz[]), unnest(@addresses::text[])) AS u (key_id, used_at, address)
    JOIN api_keys k ON k.id = u.key_id
WHERE NOT EXISTS (
    SELECT FROM api_key_uses p
    WHERE p.key_id = u.key_id AND (p.used_at >= u.used_at OR p.written_at > clock_timestamp() - interval '1 minute')
)
ORDER BY k.id -- two instances wait for each other in one order
ON CONFLICT (key_id) DO UPDATE
SET used_at = excluded.used_at, address = excluded.address, written_at = clock_timestamp()
WHERE stored.used_at < excluded.used_at AND stored.written_at <= clock_timestamp() - interval '1 minute';

-- name: APIKeyUseWaiting :many
-- Which of these uses are not stored yet because their key's minute is not over.
SELECT u.key_id::uuid AS key_id
FROM ROWS FROM (unnest(@ids::uuid[]), unnest(@used_at::timestamptz[])) AS u (key_id, used_at)
    JOIN api_key_uses p ON p.key_id = u.key_id
WHERE p.used_at < least(u.used_at, clock_timestamp());

-- name: SessionCreate :exec
INSERT INTO sessions (id, user_id, address, user_agent, expires_at, idle_until)
VALUES (@id, @user_id, @address, @user_agent, clock_timestamp() + make_interval(secs => @lifetime_seconds::float8),
    clock_timestamp() + make_interval(secs => @idle_seconds::float8));

-- name: SessionList :many
SELECT * FROM sessions
WHERE user_id = @user_id AND ended_at IS NULL AND least(expires_at, idle_until) > clock_timestamp()
ORDER BY last_seen_at DESC, id
LIMIT @max_rows::bigint OFFSET @skip_rows::bigint;

-- name: SessionCount :one
SELECT count(*) FROM sessions
WHERE user_id = @user_id AND ended_at IS NULL AND least(expires_at, idle_until) > clock_timestamp();

-- name: SessionEnd :execrows
UPDATE sessions SET ended_at = clock_timestamp(), end_reason = @reason::text
WHERE id = @id AND user_id = @user_id AND ended_at IS NULL;

-- name: SessionEndAll :many
-- Ends the user's sessions but the one to keep, if any.
UPDATE sessions SET ended_at = clock_timestamp(), end_reason = @reason::text
WHERE user_id = @user_id AND ended_at IS NULL AND id IS DISTINCT FROM sqlc.narg('keep')::uuid
RETURNING id;

-- name: SessionTouch :exec
UPDATE sessions
SET last_seen_at = clock_timestamp(), idle_until = clock_timestamp() + make_interval(secs => @idle_seconds::float8),
    address = @address, user_agent = @user_agent
WHERE id = @id;

-- name: SessionPurge :execrows
-- Forgets sessions that have been over for longer than an address stays known.
DELETE FROM sessions WHERE id IN (
    SELECT s.id FROM sessions s
    WHERE least(s.expires_at, s.idle_until) < clock_timestamp() - interval '30 days'
        OR s.ended_at < clock_timestamp() - interval '30 days'
    LIMIT 1000
);

-- name: RefreshFind :one
-- Which session a refresh token belongs to, before anything is locked.
SELECT s.id AS session_id, s.user_id, u.login
FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
WHERE t.hash = @hash;

-- name: RefreshLock :one
-- Locks the session: of two tabs the second sees what the first has done.
SELECT t.used_at, t.successor,
    coalesce(t.used_at > clock_timestamp() - make_interval(secs => @grace_seconds::float8), false)::boolean AS in_grace,
    coalesce((SELECT n.used_at IS NULL FROM refresh_tokens n WHERE n.hash = t.successor), false)::boolean AS successor_unused,
    (s.ended_at IS NULL AND least(s.expires_at, s.idle_until) > clock_timestamp())::boolean AS live
FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id
WHERE s.id = @session_id AND t.hash = @hash;

-- name: SessionLock :one
SELECT id FROM sessions WHERE id = @id FOR NO KEY UPDATE;

-- name: RefreshCreate :exec
INSERT INTO refresh_tokens (hash, session_id) VALUES (@hash, @session_id);

-- name: RefreshUse :exec
UPDATE refresh_tokens SET used_at = clock_timestamp(), successor = @successor WHERE hash = @hash;

-- name: RefreshInspect :one
SELECT s.id AS session_id, s.user_id, u.login, least(s.expires_at, s.idle_until)::timestamptz AS expires_at
FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
WHERE t.hash = @hash AND t.used_at IS NULL AND s.ended_at IS NULL AND u.status = 0
    AND least(s.expires_at, s.idle_until) > clock_timestamp();

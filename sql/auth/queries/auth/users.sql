-- name: UserGet :one
SELECT sqlc.embed(u), coalesce(r.access, 0)::bigint AS access
FROM users u LEFT JOIN roles r ON r.id = u.role_id
WHERE u.id = @id;

-- name: UserLock :one
-- Locks the user against every other change of it until the transaction ends.
SELECT sqlc.embed(u), coalesce((SELECT r.access FROM roles r WHERE r.id = u.role_id), 0)::bigint AS access
FROM users u
WHERE u.id = @id
FOR NO KEY UPDATE OF u;

-- name: UserForLogin :one
-- known: the account was used from this network within the last 30 days, and not by a thief. Where old logins were made
-- equal, it is the one that is written like this, else the eldest.
SELECT u.id, u.login, u.password_hash, u.password_changed_at, u.status,
    EXISTS (
        SELECT FROM sessions s
        WHERE s.user_id = u.id AND s.address <<= @network::cidr
            AND s.last_seen_at > clock_timestamp() - interval '30 days' AND s.end_reason IS DISTINCT FROM 'reuse'
    )::boolean AS known
FROM users u
WHERE u.login_key = login_key(@login::text) AND u.status <> -1
ORDER BY u.login <> @login::text, u.id
LIMIT 1;

-- name: UserTokenFacts :one
-- What a token says of its bearer, all from one snapshot.
SELECT u.id, u.login, u.password_changed_at, u.status, u.epoch, u.password_change_required, r.id AS role_id, r.access,
    r.epoch AS role_epoch
FROM users u JOIN roles r ON r.id = u.role_id
WHERE u.id = @id;

-- name: UserShare :one
-- Makes block, archive, password and role change wait, so that no session begins behind their backs. A
-- statement of its own: the facts must be read after the wait.
SELECT id FROM users WHERE id = @id FOR SHARE;

-- name: UserList :many
SELECT sqlc.embed(u), coalesce(r.access, 0)::bigint AS access
FROM users u LEFT JOIN roles r ON r.id = u.role_id
WHERE (sqlc.narg('status')::smallint IS NULL AND (u.status <> -1 OR sqlc.narg('ids')::bigint[] IS NOT NULL)
        OR u.status = sqlc.narg('status')::smallint)
    AND (sqlc.narg('ids')::bigint[] IS NULL OR u.id = ANY (sqlc.narg('ids')::bigint[]))
    AND (sqlc.narg('login')::text IS NULL OR u.login_key = login_key(sqlc.narg('login')::text))
    AND (sqlc.narg('name')::text IS NULL OR login_key(u.name) = login_key(sqlc.narg('name')::text))
    AND (sqlc.narg('role_id')::text IS NULL OR u.role_id = sqlc.narg('role_id')::text)
    AND (sqlc.narg('q')::text IS NULL OR strpos(u.login_key, login_key(sqlc.narg('q')::text)) > 0
        OR strpos(login_key(u.name), login_key(sqlc.narg('q')::text)) > 0)
    AND (sqlc.narg('after_key')::text IS NULL
        OR (u.login_key, u.id) > (sqlc.narg('after_key')::text, sqlc.narg('after_id')::bigint))
ORDER BY u.login_key, u.id
LIMIT @max_rows::bigint OFFSET @skip_rows::bigint;

-- name: UserCount :one
SELECT count(*)
FROM users u
WHERE (sqlc.narg('status')::smallint IS NULL AND (u.status <> -1 OR sqlc.narg('ids')::bigint[] IS NOT NULL)
        OR u.status = sqlc.narg('status')::smallint)
    AND (sqlc.narg('ids')::bigint[] IS NULL OR u.id = ANY (sqlc.narg('ids')::bigint[]))
    AND (sqlc.narg('login')::text IS NULL OR u.login_key = login_key(sqlc.narg('login')::text))
    AND (sqlc.narg('name')::text IS NULL OR login_key(u.name) = login_key(sqlc.narg('name')::text))
    AND (sqlc.narg('role_id')::text IS NULL OR u.role_id = sqlc.narg('role_id')::text)
    AND (sqlc.narg('q')::text IS NULL OR strpos(u.login_key, login_key(sqlc.narg('q')::text)) > 0
        OR strpos(login_key(u.name), login_key(sqlc.narg('q')::text)) > 0);

-- name: UserCreate :one
INSERT INTO users (login, name, password_hash, password_change_required, role_id, dark_theme, language)
VALUES (@login, @name, @password_hash, @password_change_required, @role_id, @dark_theme, @language)
RETURNING id;

-- name: UserUpdate :exec
UPDATE users
SET login = @login, name = @name, role_id = @role_id, dark_theme = @dark_theme, language = @language,
    update_dt = clock_timestamp()
WHERE id = @id;

-- name: UserSetStatus :exec
UPDATE users SET status = @status, update_dt = clock_timestamp() WHERE id = @id;

-- name: UserSetPassword :exec
UPDATE users
SET password_hash = @password_hash, password_changed_at = clock_timestamp(),
    password_change_required = @change_required, update_dt = clock_timestamp()
WHERE id = @id;

-- name: UserRehash :exec
-- The same password under another cost: neither a change of the user nor the end of anything. Only while the
-- hash is still the one that was verified.
UPDATE users SET password_hash = @new_hash WHERE id = @id AND password_hash = @old_hash;

-- name: UserNewEpoch :exec
-- Makes every token of the user worthless.
UPDATE users SET epoch = nextval('token_epoch') WHERE id = @id;

-- name: UserAny :one
SELECT EXISTS (SELECT FROM users)::boolean;

-- name: UserHistory :many
SELECT h.version, h.op, h.actor, h.request_id, lower(h.valid)::timestamptz AS valid_from,
    coalesce(upper(h.valid), lower(h.valid))::timestamptz AS valid_until, upper_inf(h.valid)::boolean AS is_open, h.snapshot,
    coalesce((SELECT (r.snapshot ->> 'access')::bigint FROM roles_history r
        WHERE r.id = h.snapshot ->> 'role_id' AND r.op <> 'delete' AND r.valid @> lower(h.valid)), 0)::bigint AS access
FROM users_history h
WHERE h.id = @id
ORDER BY h.version DESC
LIMIT @max_rows::bigint OFFSET @skip_rows::bigint;

-- name: UserHistoryCount :one
SELECT count(*) FROM users_history WHERE id = @id;

-- name: UserAt :one
-- The user as it was at a moment, with what its role allowed then.
SELECT h.snapshot,
    coalesce((SELECT (r.snapshot ->> 'access')::bigint FROM roles_history r
        WHERE r.id = h.snapshot ->> 'role_id' AND r.op <> 'delete' AND r.valid @> @at::timestamptz), 0)::bigint AS access
FROM users_history h
WHERE h.id = @id AND h.valid @> @at::timestamptz AND h.op <> 'delete';

-- name: SeedLock :exec
-- Instances that start at once make the first user one after the other.
SELECT pg_advisory_xact_lock(hashtext('nms.auth.seed'));

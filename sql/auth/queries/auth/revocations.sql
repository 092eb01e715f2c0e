-- name: RevocationClaim :many
-- The revocations that nobody has pushed yet; several instances share the work.
SELECT id, session_id, user_id, role_id, epoch, until, withdrawn FROM revocations
WHERE pushed_at IS NULL AND until > clock_timestamp()
ORDER BY id
LIMIT 500
FOR UPDATE SKIP LOCKED;

-- name: RevocationPushed :exec
UPDATE revocations SET pushed_at = clock_timestamp() WHERE id = ANY (@ids::bigint[]);

-- name: RevocationActive :many
SELECT id, session_id, user_id, role_id, epoch, until, withdrawn FROM revocations
WHERE until > clock_timestamp() AND id > @after::bigint
ORDER BY id
LIMIT 2000;

-- name: RevocationPurge :execrows
DELETE FROM revocations WHERE until < clock_timestamp() - interval '1 minute';

-- name: RevocationOfTransaction :many
-- What the present transaction has revoked.
SELECT id, session_id, user_id, role_id, epoch, until, withdrawn FROM revocations
WHERE txid = pg_current_xact_id()::text::bigint
ORDER BY id;

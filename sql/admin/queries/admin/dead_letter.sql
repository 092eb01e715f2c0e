-- A letter that is dead already is the same one, delivered twice. One that was replayed has died again.
-- name: DeadLetterPut :exec
INSERT INTO dead_letter (fingerprint, message_id, queue, routing_key, reason, error, attempts, died_at, content_type, content_encoding, body)
VALUES (@fingerprint, @message_id, @queue, @routing_key, @reason, @error, @attempts, @died_at, @content_type, @content_encoding, @body)
ON CONFLICT ON CONSTRAINT dead_letter_fingerprint_key DO UPDATE
SET reason = excluded.reason, error = excluded.error, attempts = excluded.attempts, died_at = excluded.died_at,
    deaths = dead_letter.deaths + 1, replayed_at = NULL
WHERE dead_letter.replayed_at IS NOT NULL;

-- name: DeadLetterList :many
SELECT id, message_id, queue, routing_key, reason, error, attempts, deaths, died_at, content_type, content_encoding,
    octet_length(body) AS size, replays, replayed_at
FROM dead_letter
WHERE (sqlc.narg('queue')::text IS NULL OR queue = sqlc.narg('queue'))
  AND (sqlc.narg('reason')::text IS NULL OR reason = sqlc.narg('reason'))
  AND (sqlc.narg('replayed')::boolean IS NULL OR (replayed_at IS NOT NULL) = sqlc.narg('replayed'))
  AND (sqlc.narg('before_id')::bigint IS NULL OR id < sqlc.narg('before_id'))
ORDER BY id DESC
LIMIT @take OFFSET @skip::bigint;

-- name: DeadLetterCount :one
SELECT count(*)
FROM dead_letter
WHERE (sqlc.narg('queue')::text IS NULL OR queue = sqlc.narg('queue'))
  AND (sqlc.narg('reason')::text IS NULL OR reason = sqlc.narg('reason'))
  AND (sqlc.narg('replayed')::boolean IS NULL OR (replayed_at IS NOT NULL) = sqlc.narg('replayed'));

-- name: DeadLetterGet :one
SELECT * FROM dead_letter WHERE id = @id;

-- name: DeadLetterHold :one
SELECT * FROM dead_letter WHERE id = @id FOR UPDATE;

-- name: DeadLetterReplayed :one
UPDATE dead_letter SET replays = replays + 1, replayed_at = clock_timestamp()
WHERE id = @id
RETURNING replays, replayed_at;

-- name: DeadLetterDelete :execrows
DELETE FROM dead_letter WHERE id = @id;

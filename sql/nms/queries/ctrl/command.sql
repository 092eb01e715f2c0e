-- name: CommandGet :one
SELECT * FROM issued_command WHERE id = @id;

-- name: CommandLock :one
SELECT * FROM issued_command WHERE id = @id FOR NO KEY UPDATE;

-- name: CommandsTake :many
SELECT * FROM issued_command_take(@commands::jsonb);

-- name: CommandUndoing :one
-- The command that undoes another, or is to; none when each ended without effect.
SELECT id FROM issued_command WHERE undo_of = @undo_of::uuid AND state NOT IN ('failed', 'rejected', 'cancelled', 'expired');

-- name: CommandsAdvance :many
SELECT * FROM issued_command_advance(@steps::jsonb);

-- name: CommandSteps :many
SELECT version, at, state, event, actor, detail FROM issued_command_step WHERE issued_command = @issued_command ORDER BY version;

-- name: CommandList :many
-- A page, the newest first.
SELECT * FROM issued_command
WHERE (sqlc.narg('equipment_id')::bigint IS NULL OR equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('command_id')::bigint IS NULL OR command_id = sqlc.narg('command_id')::bigint)
  AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state')::text)
  AND (sqlc.narg('sender')::text IS NULL OR sender = sqlc.narg('sender')::text)
  AND (sqlc.narg('since')::timestamptz IS NULL OR created_at >= sqlc.narg('since')::timestamptz)
  AND (sqlc.narg('until')::timestamptz IS NULL OR created_at < sqlc.narg('until')::timestamptz)
  AND (sqlc.narg('after_at')::timestamptz IS NULL
       OR (created_at, id) < (sqlc.narg('after_at')::timestamptz, sqlc.narg('after_id')::uuid))
ORDER BY created_at DESC, id DESC
LIMIT @take OFFSET @skip::bigint;

-- name: CommandCount :one
SELECT count(*) FROM issued_command
WHERE (sqlc.narg('equipment_id')::bigint IS NULL OR equipment_id = sqlc.narg('equipment_id')::bigint)
  AND (sqlc.narg('command_id')::bigint IS NULL OR command_id = sqlc.narg('command_id')::bigint)
  AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state')::text)
  AND (sqlc.narg('sender')::text IS NULL OR sender = sqlc.narg('sender')::text)
  AND (sqlc.narg('since')::timestamptz IS NULL OR created_at >= sqlc.narg('since')::timestamptz)
  AND (sqlc.narg('until')::timestamptz IS NULL OR created_at < sqlc.narg('until')::timestamptz);

-- name: QueueEnsure :exec
INSERT INTO command_queue (equipment_id) VALUES (@equipment_id) ON CONFLICT DO NOTHING;

-- name: QueueLock :one
-- Waits for whoever works on the queue.
SELECT * FROM command_queue WHERE equipment_id = @equipment_id FOR NO KEY UPDATE;

-- name: QueueNextPlace :one
-- The place behind all others of a queue, which is locked from then on.
WITH q AS MATERIALIZED (SELECT equipment_id FROM command_queue WHERE equipment_id = @equipment_id FOR NO KEY UPDATE)
SELECT nextval('command_queue_place')::bigint FROM q;

-- name: QueueHead :one
SELECT * FROM issued_command WHERE equipment_id = @equipment_id AND state = 'queued' ORDER BY place LIMIT 1;

-- name: QueueUpdate :one
UPDATE command_queue SET held = @held, reason = @reason, revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE equipment_id = @equipment_id
RETURNING *;

-- name: QueueDue :batchone
-- The first command of a queue, when it can go on now, with the revisions of its binding and endpoint, 0 where there is none. The clock is the database's, as in
-- QueueReady.
SELECT sqlc.embed(h), coalesce(b.revision, 0)::bigint AS binding_revision, coalesce(e.revision, 0)::bigint AS endpoint_revision
FROM issued_command h
LEFT JOIN command k ON k.id = h.command_id AND k.archived_at IS NULL
LEFT JOIN command_binding b ON b.command_id = k.id
LEFT JOIN endpoint e ON e.equipment_id = k.live_equipment_id
WHERE h.id = (SELECT c.id FROM issued_command c WHERE c.equipment_id = @equipment_id::bigint AND c.state = 'queued' ORDER BY c.place LIMIT 1)
  AND (h.not_before IS NULL OR h.not_before <= clock_timestamp())
  AND NOT EXISTS (SELECT FROM command_queue q WHERE q.equipment_id = @equipment_id::bigint AND q.held)
  AND NOT EXISTS (SELECT FROM issued_command f WHERE f.equipment_id = @equipment_id::bigint
                  AND f.state IN ('sending', 'accepted', 'verifying', 'unknown'));

-- name: QueueReady :many
-- The equipment whose queue can go on now: its first command need not wait for a pause to end, and none is in flight.
SELECT q.equipment_id FROM command_queue q
CROSS JOIN LATERAL (SELECT c.place, c.not_before FROM issued_command c WHERE c.equipment_id = q.equipment_id AND c.state = 'queued'
                    ORDER BY c.place LIMIT 1) AS head
WHERE NOT q.held
  AND (head.not_before IS NULL OR head.not_before <= clock_timestamp())
  AND NOT EXISTS (SELECT FROM issued_command f WHERE f.equipment_id = q.equipment_id
                  AND f.state IN ('sending', 'accepted', 'verifying', 'unknown'))
  AND q.equipment_id <> ALL (@busy::bigint[])
ORDER BY head.place
LIMIT @take;

-- name: ReleaseShare :one
-- The revisions that a release is decided by; they stay until the transaction ends. None when one of them, or the command's
-- place in the catalogue, is gone. Watched says that the sender's permissions were, until less than so many seconds ago.
SELECT b.revision AS binding_revision, e.revision AS endpoint_revision,
       (greatest(@created_at::timestamptz, (SELECT watched_at FROM command_watch))
        > clock_timestamp() - make_interval(secs => @remembered::double precision))::boolean AS watched
FROM command_binding b JOIN command c ON c.id = b.command_id JOIN endpoint e ON e.equipment_id = c.live_equipment_id
WHERE b.command_id = @command_id AND c.archived_at IS NULL AND e.equipment_id = @equipment_id
FOR SHARE OF b, e;

-- name: ReleaseTry :batchone
-- As ReleaseShare, with the queue locked, for a command that is still the first one of it. Waits for nobody: none when somebody is at the queue, or changes the binding or
-- the endpoint at this moment; nor when the queue is held or has a command in flight.
WITH queue AS MATERIALIZED (
    SELECT q.equipment_id FROM command_queue q WHERE q.equipment_id = @equipment_id::bigint AND NOT q.held FOR NO KEY UPDATE SKIP LOCKED
)
SELECT b.revision AS binding_revision, e.revision AS endpoint_revision,
       (greatest(h.created_at, (SELECT watched_at FROM command_watch))
        > clock_timestamp() - make_interval(secs => @remembered::double precision))::boolean AS watched
FROM queue
JOIN issued_command h ON h.equipment_id = queue.equipment_id
JOIN command c ON c.id = h.command_id
JOIN command_binding b ON b.command_id = c.id
JOIN endpoint e ON e.equipment_id = c.live_equipment_id AND e.equipment_id = queue.equipment_id
WHERE h.id = @id::uuid AND h.version = @version::integer AND h.state = 'queued' AND c.archived_at IS NULL
  AND NOT EXISTS (SELECT FROM issued_command f WHERE f.equipment_id = @equipment_id::bigint
                  AND f.state IN ('sending', 'accepted', 'verifying', 'unknown'))
  AND NOT EXISTS (SELECT FROM issued_command f WHERE f.equipment_id = @equipment_id::bigint AND f.state = 'queued' AND f.place < h.place)
FOR SHARE OF b, e SKIP LOCKED;

-- name: QueueList :many
-- A page of the queues by equipment, with how many commands wait and which one is in flight.
SELECT q.equipment_id, q.held, q.reason, q.revision,
       (SELECT count(*) FROM issued_command c WHERE c.equipment_id = q.equipment_id AND c.state = 'queued')::bigint AS queued,
       (SELECT count(*) FROM issued_command c WHERE c.equipment_id = q.equipment_id AND c.state = 'awaiting_approval')::bigint AS awaiting_approval,
       f.id AS in_flight, coalesce(f.state, '')::text AS in_flight_state
FROM command_queue q
LEFT JOIN issued_command f ON f.equipment_id = q.equipment_id AND f.state IN ('sending', 'accepted', 'verifying', 'unknown')
WHERE q.equipment_id > @after::bigint AND (sqlc.narg('equipment_id')::bigint IS NULL OR q.equipment_id = sqlc.narg('equipment_id')::bigint)
ORDER BY q.equipment_id
LIMIT @take OFFSET @skip::bigint;

-- name: QueueCount :one
SELECT count(*) FROM command_queue q
WHERE sqlc.narg('equipment_id')::bigint IS NULL OR q.equipment_id = sqlc.narg('equipment_id')::bigint;

-- name: CommandsExpired :many
-- What has waited beyond its time.
SELECT id FROM issued_command WHERE state IN ('awaiting_approval', 'queued') AND expires_at <= clock_timestamp()
ORDER BY expires_at LIMIT @take;

-- name: CommandsWaiting :many
-- What waits for its release, with who sent it.
SELECT id, sender_holder, hazardous, created_at FROM issued_command WHERE state IN ('awaiting_approval', 'queued')
AND id > @after::uuid ORDER BY id LIMIT @take;

-- name: WatchGet :one
-- When the senders of what waits were last compared with all that was revoked, and what time it is.
SELECT w.watched_at, clock_timestamp()::timestamptz AS now FROM (SELECT true) AS one LEFT JOIN command_watch w ON true;

-- name: WatchMark :exec
-- Says that they were, at that moment.
INSERT INTO command_watch AS w (watched_at) VALUES (@at) ON CONFLICT ON CONSTRAINT command_watch_pkey
DO UPDATE SET watched_at = excluded.watched_at WHERE w.watched_at < excluded.watched_at;

-- name: CommandsInFlight :many
-- What instances work on, with whether its deadline has passed.
SELECT id, equipment_id, owner::uuid AS owner, (deadline <= clock_timestamp())::boolean AS overdue FROM issued_command
WHERE state IN ('sending', 'accepted', 'verifying')
ORDER BY deadline;

-- name: CommandsUnknown :many
-- What may have been executed, and nobody has said what became of it.
SELECT id, equipment_id FROM issued_command WHERE state = 'unknown' ORDER BY equipment_id;

-- name: CommandsPurge :execrows
-- Removes some of what has ended so many seconds ago, the oldest first, with its steps. What another command undoes waits for that.
WITH old AS (
    SELECT c.id FROM issued_command c
    WHERE c.created_at < clock_timestamp() - make_interval(secs => @keep::double precision)
      AND c.updated_at < clock_timestamp() - make_interval(secs => @keep::double precision)
      AND c.state IN ('succeeded', 'failed', 'unverified', 'rejected', 'expired', 'cancelled')
      AND NOT EXISTS (SELECT FROM issued_command u WHERE u.undo_of = c.id)
    ORDER BY c.created_at, c.id LIMIT @take FOR UPDATE SKIP LOCKED
), steps AS (
    DELETE FROM issued_command_step s USING old WHERE s.issued_command = old.id
)
DELETE FROM issued_command c USING old WHERE c.id = old.id;

-- name: Backlog :one
-- What waits. The age of the oldest is counted from when it was queued: sent, or approved.
SELECT
    (SELECT count(*) FROM issued_command WHERE state = 'queued')::bigint AS queued,
    (SELECT count(*) FROM issued_command WHERE state = 'awaiting_approval')::bigint AS awaiting_approval,
    (SELECT count(*) FROM issued_command WHERE state = 'unknown')::bigint AS unknown,
    (SELECT count(*) FROM command_queue WHERE held)::bigint AS held,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - max(s.at)) FROM issued_command_step s
              WHERE s.event IN ('create', 'approve')
                AND s.issued_command = (SELECT id FROM issued_command WHERE state = 'queued' ORDER BY place LIMIT 1)), 0)::double precision AS oldest;

-- name: EquipmentActive :one
-- Whether commands of a piece of equipment are on their way.
SELECT EXISTS (SELECT FROM issued_command WHERE equipment_id = @equipment_id
    AND state IN ('awaiting_approval', 'queued', 'sending', 'accepted', 'verifying', 'unknown'))::boolean;

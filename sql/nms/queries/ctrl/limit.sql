-- name: LimitGet :one
SELECT * FROM telemetry_limit WHERE id = @id;

-- name: LimitLock :one
SELECT * FROM telemetry_limit WHERE id = @id FOR NO KEY UPDATE;

-- name: LimitList :many
-- A page by id.
SELECT * FROM telemetry_limit
WHERE id > @after::bigint
  AND (sqlc.narg('telemetry_id')::bigint IS NULL OR telemetry_id = sqlc.narg('telemetry_id')::bigint)
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR equipment_id = sqlc.narg('equipment_id')::bigint)
ORDER BY id
LIMIT @take OFFSET @skip::bigint;

-- name: LimitCount :one
SELECT count(*) FROM telemetry_limit
WHERE (sqlc.narg('telemetry_id')::bigint IS NULL OR telemetry_id = sqlc.narg('telemetry_id')::bigint)
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR equipment_id = sqlc.narg('equipment_id')::bigint);

-- name: LimitInsert :one
INSERT INTO telemetry_limit (name, telemetry_id, equipment_id, levels, raise_s, raise_n, raise_of, clear_s, clear_n, clear_of, stale_s, stale_severity,
    latched, suppresses)
VALUES (@name, @telemetry_id, @equipment_id, @levels, @raise_s, @raise_n, @raise_of, @clear_s, @clear_n, @clear_of, @stale_s, @stale_severity,
    @latched, @suppresses)
RETURNING *;

-- name: LimitUpdate :one
UPDATE telemetry_limit SET name = @name, levels = @levels, raise_s = @raise_s, raise_n = @raise_n, raise_of = @raise_of, clear_s = @clear_s,
       clear_n = @clear_n, clear_of = @clear_of, stale_s = @stale_s, stale_severity = @stale_severity, latched = @latched, suppresses = @suppresses,
       revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE id = @id
RETURNING *;

-- name: LimitDelete :exec
DELETE FROM telemetry_limit WHERE id = @id;

-- name: LimitAll :many
SELECT * FROM telemetry_limit ORDER BY id;

-- name: LimitVersion :one
-- Two numbers of which one at least changes with the limits.
SELECT coalesce(max(revision), 0)::bigint AS newest, count(*) AS number FROM telemetry_limit;

-- name: EvaluatorKeep :one
-- Says for a time that an instance evaluates, and returns how many others do.
WITH kept AS (
    INSERT INTO limit_evaluator (id, live_until) VALUES (@id::uuid, clock_timestamp() + make_interval(secs => @lease_s))
    ON CONFLICT ON CONSTRAINT limit_evaluator_pkey DO UPDATE SET live_until = excluded.live_until
)
SELECT count(*) FROM limit_evaluator o WHERE o.id <> @id::uuid AND o.live_until > clock_timestamp();

-- name: EvaluatorForget :exec
-- An instance evaluates no longer; those that are long gone are forgotten with it.
DELETE FROM limit_evaluator WHERE id = @id::uuid OR live_until < clock_timestamp() - interval '1 hour';

-- name: SlotRenew :many
-- Keeps the slots of an instance for longer.
UPDATE limit_slot SET leased_until = clock_timestamp() + make_interval(secs => @lease_s) WHERE owner = @owner::uuid RETURNING id;

-- name: SlotClaim :many
-- Takes slots that nobody holds.
WITH free AS (
    SELECT s.id FROM limit_slot s WHERE s.owner IS NULL OR s.leased_until < clock_timestamp() ORDER BY s.id LIMIT @take FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE limit_slot s SET owner = @owner::uuid, leased_until = clock_timestamp() + make_interval(secs => @lease_s)
FROM free WHERE s.id = free.id
RETURNING s.id, s.taken;

-- name: SlotRelease :exec
UPDATE limit_slot SET owner = NULL, leased_until = NULL WHERE owner = @owner::uuid AND id = ANY(@ids::smallint[]);

-- name: SlotCommit :many
-- Keeps which rows of the feed are evaluated, of those slots that still are the instance's. They stay so until the transaction ends.
UPDATE limit_slot s SET taken = (@taken::bigint[])[u.low : u.high]
FROM (SELECT unnest(@ids::smallint[]) AS id, unnest(@lows::integer[]) AS low, unnest(@highs::integer[]) AS high) AS u
WHERE s.id = u.id AND s.owner = @owner::uuid
RETURNING s.id;

-- name: StateList :many
SELECT equipment_id, states FROM limit_state WHERE (equipment_id % 8)::smallint = ANY(@slots::smallint[]);

-- name: StatePut :exec
INSERT INTO limit_state (equipment_id, states)
SELECT unnest(@equipments::bigint[]), unnest(@states::text[])::json
ON CONFLICT ON CONSTRAINT limit_state_pkey DO UPDATE SET states = excluded.states, updated_at = clock_timestamp();

-- name: StateDelete :exec
DELETE FROM limit_state WHERE equipment_id = ANY(@equipments::bigint[]);

-- name: EquipmentShare :many
-- The piece of equipment, when it is live; it stays so until the transaction ends.
SELECT id FROM equipment WHERE id = @id AND archived_at IS NULL FOR KEY SHARE;

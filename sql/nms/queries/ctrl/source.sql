-- name: SourceLock :one
-- A piece of equipment, whose bindings nobody else changes until the transaction ends, and whether it is live.
SELECT (archived_at IS NULL)::boolean AS live FROM equipment WHERE id = @id FOR NO KEY UPDATE;

-- name: TelemetryShare :many
-- Those of the parameters that are live, and stay so until the transaction ends.
SELECT id FROM telemetry WHERE id = ANY(@ids::bigint[]) AND archived_at IS NULL ORDER BY id FOR KEY SHARE;

-- name: SourceGet :one
SELECT * FROM telemetry_binding WHERE equipment_id = @equipment_id AND telemetry_id = @telemetry_id;

-- name: SourceList :many
-- A page by equipment and parameter.
SELECT * FROM telemetry_binding
WHERE (equipment_id, telemetry_id) > (@after_equipment::bigint, @after_telemetry::bigint)
  AND (sqlc.narg('equipment_id')::bigint IS NULL OR equipment_id = sqlc.narg('equipment_id')::bigint)
ORDER BY equipment_id, telemetry_id
LIMIT @take OFFSET @skip::bigint;

-- name: SourceCount :one
SELECT count(*) FROM telemetry_binding WHERE sqlc.narg('equipment_id')::bigint IS NULL OR equipment_id = sqlc.narg('equipment_id')::bigint;

-- name: SourceInsert :one
INSERT INTO telemetry_binding (driver, read, scale, zero, interval_s, rate_id, rate_bits, uptime_id, equipment_id, telemetry_id)
VALUES (@driver, @read, @scale, @zero, @interval_s, @rate_id, @rate_bits, @uptime_id, @equipment_id, @telemetry_id)
RETURNING *;

-- name: SourceUpdate :one
UPDATE telemetry_binding SET driver = @driver, read = @read, scale = @scale, zero = @zero, interval_s = @interval_s, rate_id = @rate_id,
       rate_bits = @rate_bits, uptime_id = @uptime_id, revision = nextval('ctrl_revision'), updated_at = clock_timestamp()
WHERE equipment_id = @equipment_id AND telemetry_id = @telemetry_id
RETURNING *;

-- name: SourceDelete :exec
DELETE FROM telemetry_binding WHERE equipment_id = @equipment_id AND telemetry_id = @telemetry_id;

-- name: SourceListPushed :many
-- The bindings of series that Prometheus sends, of archived equipment too, which may be restored.
SELECT equipment_id, telemetry_id, read, scale, zero FROM telemetry_binding WHERE interval_s IS NULL ORDER BY equipment_id, telemetry_id;

-- name: SourceState :one
-- Two numbers of which one at least changes with the bindings of series: a version has a greater revision than the one before, in whatever order
-- they are committed.
SELECT coalesce(sum(revision), 0)::bigint AS revisions, count(*) AS number FROM telemetry_binding WHERE interval_s IS NULL;

-- name: SourceRates :one
-- Whether the rate of a binding would be a parameter that has a source already, and whether the binding's own parameter is the rate of another.
SELECT EXISTS (SELECT FROM telemetry_binding b WHERE b.equipment_id = @equipment_id AND b.telemetry_id <> @telemetry_id
        AND sqlc.narg('rate_id')::bigint IN (b.telemetry_id, b.rate_id))::boolean AS taken,
    EXISTS (SELECT FROM telemetry_binding b WHERE b.equipment_id = @equipment_id AND b.telemetry_id <> @telemetry_id
        AND b.rate_id = @telemetry_id)::boolean AS rate;

-- name: PollRefresh :exec
-- Sets when a piece of equipment is polled, by its bindings. The first time lies at random within the interval.
INSERT INTO telemetry_poll (equipment_id, interval_s, due_at)
SELECT @equipment_id, min(b.interval_s), clock_timestamp() + random() * least(min(b.interval_s), 60) * interval '1 second'
FROM telemetry_binding b WHERE b.equipment_id = @equipment_id AND b.interval_s IS NOT NULL HAVING count(*) > 0
ON CONFLICT ON CONSTRAINT telemetry_poll_pkey DO UPDATE SET interval_s = excluded.interval_s, due_at = least(telemetry_poll.due_at, excluded.due_at);

-- name: PollForget :exec
DELETE FROM telemetry_poll p WHERE p.equipment_id = @equipment_id
AND NOT EXISTS (SELECT FROM telemetry_binding b WHERE b.equipment_id = p.equipment_id AND b.interval_s IS NOT NULL);

-- name: PollClaim :many
-- Takes equipment that is due and that nobody is at, for a time. missed is how many polls were due meanwhile and are left out; those that were left out
-- for no answer are not counted in the table.
WITH due AS (
    SELECT p.equipment_id, floor(extract(epoch FROM clock_timestamp() - p.due_at) / p.interval_s)::bigint AS missed
    FROM telemetry_poll p
    WHERE p.due_at <= clock_timestamp() AND (p.leased_until IS NULL OR p.leased_until < clock_timestamp())
      AND (p.not_before IS NULL OR p.not_before <= clock_timestamp())
    ORDER BY p.due_at LIMIT @take FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE telemetry_poll p SET owner = @owner::uuid, leased_until = clock_timestamp() + make_interval(secs => @lease_s), tick = p.tick + 1 + due.missed,
    missed = p.missed + CASE p.failures WHEN 0 THEN due.missed ELSE 0 END, due_at = p.due_at + (1 + due.missed) * p.interval_s * interval '1 second'
FROM due WHERE p.equipment_id = due.equipment_id
RETURNING p.equipment_id, p.tick, p.interval_s, p.counters, due.missed, (p.failures > 0)::boolean AS failing;

-- name: PollBindings :many
-- How pieces of equipment are read: their bindings of the endpoint's driver, with that endpoint.
SELECT sqlc.embed(b), sqlc.embed(n) FROM telemetry_binding b
JOIN equipment e ON e.id = b.equipment_id AND e.archived_at IS NULL
JOIN endpoint n ON n.equipment_id = b.equipment_id AND n.driver = b.driver AND n.admin_state <> 'locked'
WHERE b.equipment_id = ANY(@equipment_ids::bigint[]) AND b.interval_s IS NOT NULL
ORDER BY b.equipment_id, b.telemetry_id;

-- name: PollRelease :exec
-- Lets equipment go that was polled, with what was wrong (empty: nothing). answers: 1, it has answered; -1, it has not, and is left alone for its interval,
-- for twice, four times … as long with each further time, up to longest_s, all of it a little longer or shorter by chance; 0, nobody knows.
UPDATE telemetry_poll p SET owner = NULL, leased_until = NULL, polled_at = clock_timestamp(), counters = nullif(u.counters, 'null'),
       problem = CASE u.answer WHEN 0 THEN p.problem ELSE nullif(u.problem, '') END,
       failures = CASE u.answer WHEN 1 THEN 0 WHEN 0 THEN p.failures ELSE p.failures + 1 END,
       failing_since = CASE u.answer WHEN 1 THEN NULL WHEN 0 THEN p.failing_since ELSE coalesce(p.failing_since, clock_timestamp()) END,
       not_before = CASE u.answer WHEN 1 THEN NULL WHEN 0 THEN p.not_before ELSE clock_timestamp()
           + (0.9 + 0.2 * random()) * least(greatest(@longest_s::double precision, p.interval_s), p.interval_s * 2 ^ least(p.failures, 30)) * interval '1 second' END
FROM (SELECT unnest(@equipment_ids::bigint[]) AS equipment_id, unnest(@problems::text[]) AS problem, unnest(@counters::jsonb[]) AS counters,
    unnest(@answers::smallint[]) AS answer) AS u
WHERE p.equipment_id = u.equipment_id AND p.owner = @owner::uuid;

-- name: PollAnew :exec
-- Equipment that did not answer is polled at once: it is reached otherwise now, or has just answered somebody.
UPDATE telemetry_poll SET failures = 0, failing_since = NULL, not_before = NULL, problem = NULL, polled_at = NULL
WHERE equipment_id = @equipment_id AND failures > 0;

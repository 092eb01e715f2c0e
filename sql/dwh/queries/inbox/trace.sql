-- Keys are inserted in the order given. Callers sort by guid, so that two transactions never wait for
-- each other in a circle.
-- The signals that came before their traces are told when those were measured, and the rollups which minutes have
-- changed, in the same statement, which saves a round trip.
-- name: TraceKeyClaim :many
WITH claimed AS (
    INSERT INTO trace_key (guid, measured_at)
    SELECT unnest(@guids::uuid[]), unnest(@measured_at::timestamptz[])
    ON CONFLICT DO NOTHING
    RETURNING guid, measured_at
), linked AS (
    -- By a probe for each trace, and never by reading all the signals that wait.
    UPDATE signal s SET measured_at = (SELECT c.measured_at FROM claimed c WHERE c.guid = s.trace_guid)
    WHERE s.guid = ANY(ARRAY(
        SELECT w.guid
        FROM claimed c
        CROSS JOIN LATERAL (SELECT x.guid FROM signal x WHERE x.trace_guid = c.guid AND x.measured_at IS NULL OFFSET 0) AS w))
), marked AS (
    INSERT INTO rollup_dirty (width_s, begins_at)
    SELECT DISTINCT 60, date_bin('1 minute', c.measured_at, timestamptz 'epoch') FROM claimed AS c
)
SELECT guid FROM claimed;

-- name: TraceInsert :copyfrom
INSERT INTO trace (measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, power,
    alt_m, source, equipment_id, rbw_hz, enbw_hz, unit, detector, trace_mode, sweep_time_s, attenuation_db, gain_db,
    antenna, azimuth_deg, overload, meta)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24);

-- name: TraceGet :one
SELECT t.*
FROM trace_key k
JOIN trace t ON t.measured_at = k.measured_at AND t.guid = k.guid
WHERE k.guid = @guid;

-- What tells a trace from all others, and chooses it, without its values.
-- name: TraceHead :one
SELECT t.measured_at, t.received_at, t.lat, t.lng, t.source, t.equipment_id
FROM trace_key k
JOIN trace t ON t.measured_at = k.measured_at AND t.guid = k.guid
WHERE k.guid = @guid;

-- name: TraceKeyWithdrawn :many
SELECT guid FROM trace_key WHERE guid = ANY(@guids::uuid[]) AND withdrawn_at IS NOT NULL;

-- name: TraceKeyWithdraw :one
UPDATE trace_key SET withdrawn_at = now() WHERE guid = @guid AND withdrawn_at IS NULL RETURNING measured_at;

-- Whether the event of a trace that was stored at this moment still waits to be published: no other one may overtake it.
-- name: TraceEventWaits :one
SELECT EXISTS (
    SELECT 1 FROM outbox
    WHERE created_at >= @received_at::timestamptz AND created_at < @until
        AND event::text LIKE '%' || @guid::text || '%'
) AS waits;

-- name: TraceDelete :exec
DELETE FROM trace WHERE measured_at = @measured_at AND guid = @guid;

-- name: TraceList :many
SELECT t.*
FROM trace_key k
JOIN trace t ON t.measured_at = k.measured_at AND t.guid = k.guid
WHERE k.guid = ANY(@guids::uuid[]);

-- Every bound is given, the widest one for a filter that was not: one plan serves all searches, an ordered
-- walk over trace_search that begins at the cursor in the newest partition concerned.
-- name: TraceSearch :many
SELECT measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, received_at,
    octet_length(power) / 2 AS points, alt_m, source, equipment_id, rbw_hz, enbw_hz, unit, detector, trace_mode,
    sweep_time_s, attenuation_db, gain_db, antenna, azimuth_deg, overload
FROM trace
WHERE measured_at >= @since AND measured_at <= @latest
    AND (measured_at, guid) < (@before_at::timestamptz, @before_guid::uuid)
    AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
    AND lat BETWEEN @south AND @north AND lng BETWEEN @west AND @east
ORDER BY measured_at DESC, guid DESC
OFFSET @skip LIMIT @take;

-- name: TraceCount :one
SELECT count(*)
FROM (
    SELECT 1 FROM trace
    WHERE measured_at >= @since AND measured_at <= @latest
        AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
        AND lat BETWEEN @south AND @north AND lng BETWEEN @west AND @east
    LIMIT @bound
) AS found;

-- The same for one receiver, by its name, its id or both. These are planned for their arguments: which index
-- leads depends on which of the two is given.
-- name: TraceSearchOfReceiver :many
SELECT measured_at, guid, start_freq_hz, stop_freq_hz, step_freq_hz, noise_dbm, lat, lng, received_at,
    octet_length(power) / 2 AS points, alt_m, source, equipment_id, rbw_hz, enbw_hz, unit, detector, trace_mode,
    sweep_time_s, attenuation_db, gain_db, antenna, azimuth_deg, overload
FROM trace
WHERE (sqlc.narg(source)::text IS NULL OR source = sqlc.narg(source)::text)
    AND (sqlc.narg(equipment_id)::bigint IS NULL OR equipment_id = sqlc.narg(equipment_id)::bigint)
    AND measured_at >= @since AND measured_at <= @latest
    AND (measured_at, guid) < (@before_at::timestamptz, @before_guid::uuid)
    AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
    AND lat BETWEEN @south AND @north AND lng BETWEEN @west AND @east
ORDER BY measured_at DESC, guid DESC
OFFSET @skip LIMIT @take;

-- name: TraceCountOfReceiver :one
SELECT count(*)
FROM (
    SELECT 1 FROM trace
    WHERE (sqlc.narg(source)::text IS NULL OR source = sqlc.narg(source)::text)
        AND (sqlc.narg(equipment_id)::bigint IS NULL OR equipment_id = sqlc.narg(equipment_id)::bigint)
        AND measured_at >= @since AND measured_at <= @latest
        AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
        AND lat BETWEEN @south AND @north AND lng BETWEEN @west AND @east
    LIMIT @bound
) AS found;

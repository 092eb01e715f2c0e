-- True: this transaction is the one that brings rollups up to date. The lock ends with it.
-- name: RollupLock :one
SELECT pg_try_advisory_xact_lock(hashtext('nms.job'), hashtext('inbox.rollup')) AS leading;

-- The oldest minutes that are marked.
-- name: RollupListDirty :many
SELECT begins_at FROM rollup_dirty
WHERE width_s = 60 AND begins_at <= @latest
GROUP BY begins_at
ORDER BY begins_at
LIMIT @take;

-- The oldest hours that are marked and whose minutes are up to date.
-- name: RollupListDirtyHours :many
SELECT d.begins_at FROM rollup_dirty d
WHERE d.width_s = 3600 AND d.begins_at <= @latest AND NOT EXISTS (
    SELECT 1 FROM rollup_dirty m WHERE m.width_s = 60 AND m.begins_at >= d.begins_at AND m.begins_at < d.begins_at + interval '1 hour')
GROUP BY d.begins_at
ORDER BY d.begins_at
LIMIT @take;

-- All that is marked within a range.
-- name: RollupListMarks :many
SELECT width_s, begins_at FROM rollup_dirty
WHERE width_s = ANY(ARRAY[60, 3600]) AND begins_at >= @since AND begins_at < @until
GROUP BY width_s, begins_at;

-- name: RollupClearDirty :exec
DELETE FROM rollup_dirty WHERE width_s = @width_s AND begins_at = ANY(@begins_at::timestamptz[]);

-- name: RollupMarkHours :exec
INSERT INTO rollup_dirty (width_s, begins_at)
SELECT DISTINCT 3600, date_bin('1 hour', minute, timestamptz 'epoch') FROM unnest(@minutes::timestamptz[]) AS minute;

-- Asked after the traces of the moment were read.
-- name: RollupTracesKept :one
SELECT rollup_traces_kept(@moment::timestamptz) AS kept;

-- name: RollupDelete :exec
DELETE FROM rollup WHERE width_s = @width_s AND begins_at = @begins_at;

-- name: RollupInsert :copyfrom
INSERT INTO rollup (width_s, begins_at, source, equipment_id, start_freq_hz, stop_freq_hz, points, unit, sweeps, first_at, last_at,
    south, west, north, east, highest, lowest, total_mw, number, cells)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- Rollups in the order of time, behind a place. Arrays that are not wanted stay unread. Whether all places lie in a box or some of them is the
-- reader's to tell.
-- name: RollupRead :many
SELECT id, begins_at, source, equipment_id, start_freq_hz, stop_freq_hz, points, unit, sweeps, first_at, last_at, south, west, north, east,
    CASE WHEN @with_highest::boolean THEN highest ELSE ''::bytea END::bytea AS highest,
    CASE WHEN @with_lowest::boolean THEN lowest ELSE ''::bytea END::bytea AS lowest,
    CASE WHEN @with_total::boolean THEN total_mw ELSE ''::bytea END::bytea AS total_mw,
    CASE WHEN @with_total::boolean THEN number ELSE ''::bytea END::bytea AS number,
    CASE WHEN @with_cells::boolean THEN cells ELSE ''::bytea END::bytea AS cells
FROM rollup
WHERE width_s = @width_s AND begins_at >= @since AND begins_at < @until AND (begins_at, id) > (@after_at::timestamptz, @after_id::bigint)
    AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
    AND north >= @south AND south <= @north AND east >= @west AND west <= @east
    AND (sqlc.narg(source)::text IS NULL OR source = sqlc.narg(source)::text)
    AND (sqlc.narg(equipment_id)::bigint IS NULL OR equipment_id = sqlc.narg(equipment_id)::bigint)
    AND (sqlc.narg(unit)::text IS NULL OR unit = sqlc.narg(unit)::text)
ORDER BY begins_at, id
LIMIT @take;

-- Traces in the order of time, behind a place.
-- name: RollupReadTraces :many
SELECT measured_at, guid, start_freq_hz, stop_freq_hz, (octet_length(power) / 2)::integer AS points, source, equipment_id,
    coalesce(unit, 'dBm')::text AS unit, lat, lng, CASE WHEN @with_power::boolean THEN power ELSE ''::bytea END::bytea AS power
FROM trace
WHERE measured_at >= @since AND measured_at < @until AND (measured_at, guid) > (@after_at::timestamptz, @after_guid::uuid)
    AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
    AND lat BETWEEN @south AND @north AND lng BETWEEN @west AND @east
    AND (sqlc.narg(source)::text IS NULL OR source = sqlc.narg(source)::text)
    AND (sqlc.narg(equipment_id)::bigint IS NULL OR equipment_id = sqlc.narg(equipment_id)::bigint)
    AND (sqlc.narg(unit)::text IS NULL OR coalesce(unit, 'dBm') = sqlc.narg(unit)::text)
ORDER BY measured_at, guid
LIMIT @take;

-- name: RollupPurge :execrows
DELETE FROM rollup
WHERE ctid = ANY(ARRAY(SELECT r.ctid FROM rollup r WHERE r.width_s = @width_s AND r.begins_at < @before LIMIT @take));

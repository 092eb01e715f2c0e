-- Locked until the end of the transaction, so that no trace among them is withdrawn meanwhile. Sorted by guid, as
-- whoever withdraws traces locks one alone.
-- name: TraceKeyShare :many
SELECT guid, withdrawn_at FROM trace_key WHERE guid = ANY(@guids::uuid[]) ORDER BY guid FOR SHARE;

-- Inserted in the order given; callers sort by guid, as for trace keys. present are the traces that are there.
-- name: SignalInsert :many
INSERT INTO signal (guid, trace_guid, start_freq_hz, stop_freq_hz, f0_freq_hz, measured_at)
SELECT s.guid, s.trace_guid, s.start_freq_hz, s.stop_freq_hz, s.f0_freq_hz,
    (SELECT k.measured_at FROM trace_key k WHERE k.guid = s.trace_guid AND k.guid = ANY(@present::uuid[]))
FROM (
    SELECT unnest(@guids::uuid[]) AS guid, unnest(@trace_guids::uuid[]) AS trace_guid,
        unnest(@start_freq_hz::double precision[]) AS start_freq_hz, unnest(@stop_freq_hz::double precision[]) AS stop_freq_hz,
        unnest(@f0_freq_hz::double precision[]) AS f0_freq_hz
) AS s
ON CONFLICT DO NOTHING
RETURNING guid;

-- Of signals of a withdrawn trace there may be some that came at the same moment; they are as good as gone.
-- name: SignalGet :one
SELECT s.* FROM signal s
WHERE s.guid = @guid AND NOT EXISTS (SELECT 1 FROM trace_key k WHERE k.guid = s.trace_guid AND k.withdrawn_at IS NOT NULL);

-- name: SignalList :many
SELECT * FROM signal WHERE guid = ANY(@guids::uuid[]);

-- name: SignalListOfTrace :many
SELECT * FROM signal s
WHERE s.trace_guid = @trace_guid
    AND NOT EXISTS (SELECT 1 FROM trace_key k WHERE k.guid = @trace_guid AND k.withdrawn_at IS NOT NULL)
ORDER BY s.start_freq_hz, s.guid
LIMIT @take;

-- name: TraceKeyExists :one
SELECT EXISTS (SELECT 1 FROM trace_key WHERE guid = @guid AND withdrawn_at IS NULL);

-- A signal that waits for a trace which is being stored at the same moment may see nothing of it, nor it of the signal
-- (TraceKeyClaim): it is linked a moment later. Those since are looked at; some that another session has are left out.
-- name: SignalLinkWaiting :execrows
UPDATE signal s SET measured_at = k.measured_at
FROM trace_key k
WHERE k.guid = s.trace_guid AND s.measured_at IS NULL
    AND s.guid = ANY(ARRAY(
        SELECT w.guid FROM signal w JOIN trace_key present ON present.guid = w.trace_guid
        WHERE w.measured_at IS NULL AND w.received_at >= @since AND present.withdrawn_at IS NULL
        FOR UPDATE OF w SKIP LOCKED));

-- name: SignalDeleteOfTrace :exec
DELETE FROM signal WHERE trace_guid = @trace_guid;

-- Every bound is given, as in TraceSearch: an ordered walk over signal_search.
-- name: SignalSearch :many
SELECT *
FROM signal
WHERE measured_at >= @since::timestamptz AND measured_at <= @latest::timestamptz
    AND (measured_at, guid) < (@before_at::timestamptz, @before_guid::uuid)
    AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
ORDER BY measured_at DESC, guid DESC
OFFSET @skip LIMIT @take;

-- name: SignalCount :one
SELECT count(*)
FROM (
    SELECT 1 FROM signal
    WHERE measured_at >= @since::timestamptz AND measured_at <= @latest::timestamptz
        AND start_freq_hz <= @high_hz AND stop_freq_hz >= @low_hz
    LIMIT @bound
) AS found;

-- The same walk, with a look at each one's trace: its place and its receiver. A box across the 180th meridian is two
-- ranges of longitudes; any other one is given twice.
-- name: SignalSearchOfTraces :many
SELECT s.*
FROM signal s
CROSS JOIN LATERAL (
    SELECT 1 FROM trace t
    WHERE t.measured_at = s.measured_at AND t.guid = s.trace_guid
        AND t.lat BETWEEN @south AND @north
        AND (t.lng BETWEEN @west AND @east OR t.lng BETWEEN @other_west AND @other_east)
        AND (sqlc.narg(source)::text IS NULL OR t.source = sqlc.narg(source)::text)
        AND (sqlc.narg(equipment_id)::bigint IS NULL OR t.equipment_id = sqlc.narg(equipment_id)::bigint)
    LIMIT 1
) AS of_trace
WHERE s.measured_at >= @since::timestamptz AND s.measured_at <= @latest::timestamptz
    AND (s.measured_at, s.guid) < (@before_at::timestamptz, @before_guid::uuid)
    AND s.start_freq_hz <= @high_hz AND s.stop_freq_hz >= @low_hz
ORDER BY s.measured_at DESC, s.guid DESC
OFFSET @skip LIMIT @take;

-- name: SignalCountOfTraces :one
SELECT count(*)
FROM (
    SELECT 1
    FROM signal s
    CROSS JOIN LATERAL (
        SELECT 1 FROM trace t
        WHERE t.measured_at = s.measured_at AND t.guid = s.trace_guid
            AND t.lat BETWEEN @south AND @north
            AND (t.lng BETWEEN @west AND @east OR t.lng BETWEEN @other_west AND @other_east)
            AND (sqlc.narg(source)::text IS NULL OR t.source = sqlc.narg(source)::text)
            AND (sqlc.narg(equipment_id)::bigint IS NULL OR t.equipment_id = sqlc.narg(equipment_id)::bigint)
        LIMIT 1
    ) AS of_trace
    WHERE s.measured_at >= @since::timestamptz AND s.measured_at <= @latest::timestamptz
        AND s.start_freq_hz <= @high_hz AND s.stop_freq_hz >= @low_hz
    LIMIT @bound
) AS found;

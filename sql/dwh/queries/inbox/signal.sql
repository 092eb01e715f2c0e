-- Inserted in the order given; callers sort by guid, as for trace keys.
-- name: SignalInsert :many
INSERT INTO signal (guid, trace_guid, start_freq_hz, stop_freq_hz, f0_freq_hz)
SELECT unnest(@guids::uuid[]), unnest(@trace_guids::uuid[]), unnest(@start_freq_hz::double precision[]),
    unnest(@stop_freq_hz::double precision[]), unnest(@f0_freq_hz::double precision[])
ON CONFLICT DO NOTHING
RETURNING guid;

-- name: SignalGet :one
SELECT * FROM signal WHERE guid = @guid;

-- name: SignalList :many
SELECT * FROM signal WHERE guid = ANY(@guids::uuid[]);

-- name: SignalListOfTrace :many
SELECT * FROM signal
WHERE trace_guid = @trace_guid
ORDER BY start_freq_hz, guid
LIMIT @take;

-- name: TraceKeyExists :one
SELECT EXISTS (SELECT 1 FROM trace_key WHERE guid = @guid);

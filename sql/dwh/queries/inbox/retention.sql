-- name: PartitionEnsure :one
SELECT trace_partition_ensure(@moment::timestamptz) AS made;

-- Partitions of trace with the first moment past each one, and whether a DETACH was broken off.
-- name: PartitionList :many
SELECT c.relname::text AS name,
    (to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC')::timestamptz AS starts_at,
    i.inhdetachpending AS detach_pending
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'trace'::regclass
ORDER BY c.relname;

-- name: TraceKeyPurge :execrows
DELETE FROM trace_key
WHERE ctid = ANY(ARRAY(SELECT k.ctid FROM trace_key k WHERE k.measured_at < @before LIMIT @take));

-- Signals go when their trace is gone, or never came, and they are past the retention themselves.
-- name: SignalPurge :execrows
DELETE FROM signal
WHERE ctid = ANY(ARRAY(
    SELECT s.ctid FROM signal s
    WHERE s.received_at < @before AND NOT EXISTS (SELECT 1 FROM trace_key k WHERE k.guid = s.trace_guid)
    LIMIT @take));

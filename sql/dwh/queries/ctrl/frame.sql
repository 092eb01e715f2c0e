-- name: FrameDefList :many
SELECT id, params FROM frame_def WHERE id > @after ORDER BY id;

-- name: FrameDefInsert :exec
INSERT INTO frame_def (params) VALUES (@params::bigint[]) ON CONFLICT ON CONSTRAINT frame_def_params_key DO NOTHING;

-- name: FrameDefFind :one
SELECT id FROM frame_def WHERE params = @params::bigint[];

-- name: FrameInsert :many
-- Stores the frames that are not there yet and returns which ones those are. The values of all frames are one array, of which each has those
-- from its low to its high.
INSERT INTO frame (equipment, at, frame, value, quality)
SELECT u.equipment, u.at, u.frame, (@vals::double precision[])[u.low : u.high], nullif(u.quality, ''::bytea)
FROM (SELECT unnest(@equipments::bigint[]) AS equipment, unnest(@ats::timestamptz[]) AS at, unnest(@frames::integer[]) AS frame,
    unnest(@lows::integer[]) AS low, unnest(@highs::integer[]) AS high, unnest(@qualities::bytea[]) AS quality) AS u
ON CONFLICT DO NOTHING
RETURNING equipment, frame, at;

-- name: LatestPut :exec
-- Each piece of equipment and definition stands here once, in their order, so that two writers never wait for each other in a circle.
INSERT INTO latest (equipment, at, frame, value, quality)
SELECT u.equipment, u.at, u.frame, (@vals::double precision[])[u.low : u.high], nullif(u.quality, ''::bytea)
FROM (SELECT unnest(@equipments::bigint[]) AS equipment, unnest(@ats::timestamptz[]) AS at, unnest(@frames::integer[]) AS frame,
    unnest(@lows::integer[]) AS low, unnest(@highs::integer[]) AS high, unnest(@qualities::bytea[]) AS quality) AS u
ON CONFLICT ON CONSTRAINT latest_pkey DO UPDATE SET at = excluded.at, received_at = excluded.received_at, xid = excluded.xid, value = excluded.value, quality = excluded.quality
WHERE latest.at < excluded.at;

-- name: TextPut :exec
SELECT text_value_put(@equipments::bigint[], @params::bigint[], @ats::timestamptz[], @vals::jsonb[]);

-- name: FrameMark :exec
-- A mark per bucket, with the frames from its low to its high.
INSERT INTO frame_dirty (width_s, bucket, equipments, frames)
SELECT @width_s, u.bucket, (@equipments::bigint[])[u.low : u.high], (@frames::integer[])[u.low : u.high]
FROM (SELECT unnest(@buckets::timestamptz[]) AS bucket, unnest(@lows::integer[]) AS low, unnest(@highs::integer[]) AS high) AS u;

-- name: LatestList :many
-- The newest frames of pieces of equipment, with the parameters that they are of.
SELECT l.equipment, l.frame, l.at, l.received_at, l.value, l.quality, d.params
FROM latest l JOIN frame_def d ON d.id = l.frame
WHERE l.equipment = ANY(@equipments::bigint[])
ORDER BY l.equipment, l.frame;

-- name: SnapshotNow :one
-- The transactions that are seen now, and whether those seen then came before.
SELECT pg_current_snapshot()::text AS now, (pg_snapshot_xmax((@seen::text)::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()))::boolean AS known;

-- name: LatestChanged :many
-- As LatestList, what was committed since a snapshot was taken.
SELECT l.equipment, l.frame, l.at, l.received_at, l.value, l.quality, d.params
FROM latest l JOIN frame_def d ON d.id = l.frame
WHERE l.equipment = ANY(@equipments::bigint[]) AND NOT pg_visible_in_snapshot(l.xid, (@seen::text)::pg_snapshot)
ORDER BY l.equipment, l.frame;

-- name: TextLatest :many
-- Of each place the text value that held then.
SELECT u.equipment::bigint AS equipment, u.param::bigint AS param, t.value
FROM (SELECT unnest(@equipments::bigint[]) AS equipment, unnest(@params::bigint[]) AS param, unnest(@ats::timestamptz[]) AS at) AS u
CROSS JOIN LATERAL (SELECT v.value FROM text_value v WHERE v.equipment = u.equipment AND v.param = u.param AND v.at <= u.at ORDER BY v.at DESC LIMIT 1) t;

-- name: FramePartitionEnsure :one
SELECT frame_partition_ensure(@parent::text, @moment::timestamptz) AS made;

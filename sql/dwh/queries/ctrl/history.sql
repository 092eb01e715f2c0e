-- name: RollupLock :one
-- Whether this transaction is the one that rolls up; until its end.
SELECT pg_try_advisory_xact_lock(hashtext('ctrl.rollup')) AS leading;

-- name: DirtyNext :many
-- The oldest bucket of a width that is over.
SELECT bucket FROM frame_dirty WHERE width_s = @width_s AND bucket <= @latest ORDER BY bucket LIMIT 1;

-- name: DirtyTake :many
-- Removes the marks of a bucket and returns what they are of.
DELETE FROM frame_dirty WHERE width_s = @width_s AND bucket = @bucket RETURNING equipments, frames;

-- name: DirtyList :many
-- The buckets of a range that are marked.
SELECT DISTINCT width_s, bucket FROM frame_dirty WHERE bucket >= @since AND bucket < @until ORDER BY width_s, bucket;

-- name: DirtyAny :one
SELECT EXISTS (SELECT FROM frame_dirty WHERE width_s = 300 AND bucket < @before) AS found;

-- name: RollupFrames :exec
-- Makes the rollups of 5 minutes anew from the frames. (The quality of a value is that of its byte, without bit 4.)
INSERT INTO rollup_5m (equipment, frame, bucket, n, bad, vmin, vmax, vsum)
SELECT w.equipment, w.frame, @bucket::timestamptz, a.n, a.bad, a.vmin, a.vmax, a.vsum
FROM (SELECT unnest(@equipments::bigint[]) AS equipment, unnest(@frames::integer[]) AS frame) AS w
CROSS JOIN LATERAL (
    SELECT array_agg(p.n ORDER BY p.i) AS n, array_agg(p.bad ORDER BY p.i) AS bad, array_agg(p.vmin ORDER BY p.i) AS vmin,
        array_agg(p.vmax ORDER BY p.i) AS vmax, array_agg(p.vsum ORDER BY p.i) AS vsum
    FROM (
        SELECT v.i, (count(*) FILTER (WHERE v.good))::integer AS n, (count(*) FILTER (WHERE NOT v.good))::integer AS bad,
            min(v.x) FILTER (WHERE v.good) AS vmin, max(v.x) FILTER (WHERE v.good) AS vmax, coalesce(sum(v.x) FILTER (WHERE v.good), 0) AS vsum
        FROM (
            SELECT x.i, x.x, x.x <> 'NaN' AND (f.quality IS NULL OR get_byte(f.quality, x.i::integer - 1) & 7 < 2) AS good
            FROM frame f CROSS JOIN LATERAL unnest(f.value) WITH ORDINALITY AS x (x, i)
            WHERE f.equipment = w.equipment AND f.frame = w.frame AND f.at >= @bucket::timestamptz AND f.at < @until::timestamptz
        ) AS v GROUP BY v.i
    ) AS p
) AS a
WHERE a.n IS NOT NULL
ON CONFLICT ON CONSTRAINT rollup_5m_pkey DO UPDATE SET n = excluded.n, bad = excluded.bad, vmin = excluded.vmin, vmax = excluded.vmax, vsum = excluded.vsum;

-- name: RollupHours :exec
-- Makes the rollups of an hour anew from those of its 5 minutes.
INSERT INTO rollup_1h (equipment, frame, bucket, n, bad, vmin, vmax, vsum)
SELECT w.equipment, w.frame, @bucket::timestamptz, a.n, a.bad, a.vmin, a.vmax, a.vsum
FROM (SELECT unnest(@equipments::bigint[]) AS equipment, unnest(@frames::integer[]) AS frame) AS w
CROSS JOIN LATERAL (
    SELECT array_agg(p.n ORDER BY p.i) AS n, array_agg(p.bad ORDER BY p.i) AS bad, array_agg(p.vmin ORDER BY p.i) AS vmin,
        array_agg(p.vmax ORDER BY p.i) AS vmax, array_agg(p.vsum ORDER BY p.i) AS vsum
    FROM (
        SELECT i.i, sum(r.n[i.i])::integer AS n, sum(r.bad[i.i])::integer AS bad, min(r.vmin[i.i]) AS vmin, max(r.vmax[i.i]) AS vmax, sum(r.vsum[i.i]) AS vsum
        FROM rollup_5m r CROSS JOIN LATERAL generate_series(1, cardinality(r.n)) AS i (i)
        WHERE r.equipment = w.equipment AND r.frame = w.frame AND r.bucket >= @bucket::timestamptz AND r.bucket < @until::timestamptz
        GROUP BY i.i
    ) AS p
) AS a
WHERE a.n IS NOT NULL
ON CONFLICT ON CONSTRAINT rollup_1h_pkey DO UPDATE SET n = excluded.n, bad = excluded.bad, vmin = excluded.vmin, vmax = excluded.vmax, vsum = excluded.vsum;

-- name: SeriesPlaces :many
-- Where a parameter of a piece of equipment stands: the definitions and its place in them, from 1.
SELECT d.id, array_position(d.params, @parameter::bigint)::integer AS place
FROM latest l JOIN frame_def d ON d.id = l.frame
WHERE l.equipment = @equipment AND d.params @> ARRAY[@parameter::bigint];

-- name: SeriesFrames :many
-- What the frames of ranges hold of a parameter, by buckets of a width that begin at origin.
SELECT date_bin(make_interval(secs => @width_s), v.at, @origin::timestamptz)::timestamptz AS bucket,
    (count(*) FILTER (WHERE v.good))::bigint AS n, (count(*) FILTER (WHERE NOT v.good))::bigint AS bad,
    coalesce(min(v.x) FILTER (WHERE v.good), 'NaN')::double precision AS vmin, coalesce(max(v.x) FILTER (WHERE v.good), 'NaN')::double precision AS vmax,
    coalesce(sum(v.x) FILTER (WHERE v.good), 0)::double precision AS vsum
FROM (
    SELECT p.at, p.x, p.x <> 'NaN' AND (p.quality IS NULL OR get_byte(p.quality, p.place - 1) & 7 < 2) AS good
    FROM (
        SELECT f.at, f.quality, @place::integer AS place, f.value[@place::integer] AS x
        FROM (SELECT unnest(@sinces::timestamptz[]) AS since, unnest(@untils::timestamptz[]) AS until) AS r
        JOIN frame f ON f.equipment = @equipment AND f.frame = @frame AND f.at >= r.since AND f.at < r.until
    ) AS p
) AS v
GROUP BY 1;

-- name: SeriesMinutes :many
-- As SeriesFrames, of the rollups of 5 minutes.
SELECT date_bin(make_interval(secs => @width_s), r.bucket, @origin::timestamptz)::timestamptz AS bucket,
    sum(r.n[@place::integer])::bigint AS n, sum(r.bad[@place::integer])::bigint AS bad,
    coalesce(min(r.vmin[@place::integer]), 'NaN')::double precision AS vmin, coalesce(max(r.vmax[@place::integer]), 'NaN')::double precision AS vmax,
    sum(r.vsum[@place::integer])::double precision AS vsum
FROM (SELECT unnest(@sinces::timestamptz[]) AS since, unnest(@untils::timestamptz[]) AS until) AS s
JOIN rollup_5m r ON r.equipment = @equipment AND r.frame = @frame AND r.bucket >= s.since AND r.bucket < s.until
GROUP BY 1;

-- name: SeriesHours :many
-- As SeriesFrames, of the rollups of an hour.
SELECT date_bin(make_interval(secs => @width_s), r.bucket, @origin::timestamptz)::timestamptz AS bucket,
    sum(r.n[@place::integer])::bigint AS n, sum(r.bad[@place::integer])::bigint AS bad,
    coalesce(min(r.vmin[@place::integer]), 'NaN')::double precision AS vmin, coalesce(max(r.vmax[@place::integer]), 'NaN')::double precision AS vmax,
    sum(r.vsum[@place::integer])::double precision AS vsum
FROM (SELECT unnest(@sinces::timestamptz[]) AS since, unnest(@untils::timestamptz[]) AS until) AS s
JOIN rollup_1h r ON r.equipment = @equipment AND r.frame = @frame AND r.bucket >= s.since AND r.bucket < s.until
GROUP BY 1;

-- name: SeriesTexts :many
-- The changes of a text value in a range, with the one that held at its beginning.
SELECT at, value FROM text_value t
WHERE t.equipment = @equipment AND t.param = @parameter AND t.at < @until
  AND t.at >= coalesce((SELECT max(b.at) FROM text_value b WHERE b.equipment = @equipment AND b.param = @parameter AND b.at <= @since), @since)
ORDER BY at
LIMIT @take;

-- name: FramePartitions :many
-- The partitions of a table with the moment at which each begins, whether a DETACH was broken off, and whether it is sorted.
SELECT c.relname::text AS name,
    (to_timestamp(substring(c.relname FROM '[0-9]+$') || left('0101', 8 - length(substring(c.relname FROM '[0-9]+$'))), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC')::timestamptz AS starts_at,
    i.inhdetachpending AS detach_pending, (coalesce(obj_description(c.oid, 'pg_class'), '') = 'sorted')::boolean AS sorted
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass(@parent::text)
ORDER BY starts_at;

-- name: FrameDayCopy :one
SELECT frame_day_copy(@moment)::text AS seen;

-- name: FrameDaySwap :exec
SELECT frame_day_swap(@moment, (@seen::text)::pg_snapshot, @copied_at);

-- name: TextPurge :execrows
-- Removes changes of texts before a moment, but for the last one of each, which still holds.
DELETE FROM text_value WHERE ctid = ANY(ARRAY(
    SELECT t.ctid FROM text_value t
    WHERE t.at < @before AND EXISTS (SELECT FROM text_value n WHERE n.equipment = t.equipment AND n.param = t.param AND n.at > t.at AND n.at <= @before)
    LIMIT @take));

-- name: FramePartitionKept :one
-- Whether the partition of a moment is there. True after a statement that read it: it saw all of it.
SELECT frame_partition_attached(@parent::text, frame_partition_name(@parent::text, @moment)) AS kept;

-- name: FeedPut :exec
-- A row per slot, with the frames from its low to its high.
INSERT INTO limit_feed (slot, equipments, frames, ats)
SELECT u.slot, (@equipments::bigint[])[u.low : u.high], (@frames::integer[])[u.low : u.high], (@ats::timestamptz[])[u.low : u.high]
FROM (SELECT unnest(@slots::smallint[]) AS slot, unnest(@lows::integer[]) AS low, unnest(@highs::integer[]) AS high) AS u;

-- name: FeedList :many
-- What is to be evaluated, at most so many rows of each slot.
SELECT s.slot::smallint AS slot, f.id, f.equipments, f.frames, f.ats
FROM (SELECT unnest(@slots::smallint[]) AS slot) AS s
CROSS JOIN LATERAL (SELECT l.id, l.equipments, l.frames, l.ats FROM limit_feed l WHERE l.slot = s.slot AND l.id <> ALL (@taken::bigint[])
                    ORDER BY l.id LIMIT @take) AS f;

-- name: FeedDelete :exec
DELETE FROM limit_feed WHERE slot = ANY(@slots::smallint[]) AND id = ANY(@ids::bigint[]);

-- name: FeedFrames :many
-- Frames by their keys; those that retention has taken are left out.
SELECT f.equipment, f.frame, f.at, f.received_at, f.value, f.quality
FROM (SELECT unnest(@equipments::bigint[]) AS equipment, unnest(@frames::integer[]) AS frame, unnest(@ats::timestamptz[]) AS at) AS u
JOIN frame f ON f.equipment = u.equipment AND f.frame = u.frame AND f.at = u.at;

-- name: Clock :one
SELECT clock_timestamp()::timestamptz AS now;

-- name: FeedOldest :one
-- How long the oldest row has been waiting, in seconds; 0 when there is none.
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::double precision AS seconds FROM limit_feed;

-- name: ValuesBetween :many
-- The values of a parameter of a piece of equipment in a stretch of time, in order.
SELECT f.at, f.value[array_position(d.params, @param::bigint)]::double precision AS value,
       coalesce(get_byte(f.quality, array_position(d.params, @param::bigint) - 1), 0)::integer AS mark
FROM frame f JOIN frame_def d ON d.id = f.frame
WHERE f.equipment = @equipment AND d.params @> ARRAY[@param::bigint] AND f.at >= @since AND f.at < @until
ORDER BY f.at;

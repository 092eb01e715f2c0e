-- name: TelemetryList :many
-- A page in the order of names, from the place after the cursor.
SELECT id, name, name_full, description, value_validator FROM telemetry
WHERE archived_at IS NULL
  AND (sqlc.narg('after_name')::text IS NULL OR (name, id) > (sqlc.narg('after_name')::text, sqlc.narg('after_id')::bigint))
  AND (sqlc.narg('name')::text IS NULL OR name_key = name_key(sqlc.narg('name')::text))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((name || E'\n' || name_full || E'\n' || description) COLLATE "und-x-icu"),
               (SELECT name_key(sqlc.narg('q')::text))) > 0)
ORDER BY name, id
LIMIT @most OFFSET @skip;

-- name: TelemetryListSorted :many
-- A page in any other order; sort_key is what its cursor remembers.
WITH keyed AS (
    SELECT id, name, name_full, description, value_validator,
           (CASE @sort::text
                WHEN 'id' THEN lpad(id::text, 19, '0')
                WHEN 'name_full' THEN name_full
                ELSE name
            END COLLATE "C")::text AS sort_key
    FROM telemetry
    WHERE archived_at IS NULL
      AND (sqlc.narg('name')::text IS NULL OR name_key = name_key(sqlc.narg('name')::text))
      AND (sqlc.narg('q')::text IS NULL OR strpos(lower((name || E'\n' || name_full || E'\n' || description) COLLATE "und-x-icu"),
               (SELECT name_key(sqlc.narg('q')::text))) > 0)
)
SELECT id, name, name_full, description, value_validator, sort_key
FROM keyed
WHERE sqlc.narg('after_key')::text IS NULL
   OR (NOT @descending::boolean AND (sort_key COLLATE "C", id) > (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
   OR (@descending::boolean AND (sort_key COLLATE "C", id) < (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
ORDER BY CASE WHEN @descending::boolean THEN NULL ELSE sort_key COLLATE "C" END,
         CASE WHEN @descending::boolean THEN NULL ELSE id END,
         CASE WHEN @descending::boolean THEN sort_key COLLATE "C" END DESC,
         CASE WHEN @descending::boolean THEN id END DESC
LIMIT @most OFFSET @skip;

-- name: TelemetryCount :one
SELECT count(*) FROM telemetry
WHERE archived_at IS NULL
  AND (sqlc.narg('name')::text IS NULL OR name_key = name_key(sqlc.narg('name')::text))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((name || E'\n' || name_full || E'\n' || description) COLLATE "und-x-icu"),
               (SELECT name_key(sqlc.narg('q')::text))) > 0);

-- name: TelemetryGetLive :many
-- In no order. The number of ids is hidden from the planner, which would otherwise make a plan for each call.
SELECT id, name, name_full, description, value_validator FROM telemetry
WHERE id = ANY ((SELECT @ids::bigint[])::bigint[]) AND archived_at IS NULL;

-- name: TelemetryHold :one
-- Holds the row until the transaction ends.
SELECT archived_at, name, name_full, description, value_validator FROM telemetry
WHERE id = @id FOR NO KEY UPDATE;

-- name: TelemetryInsert :one
INSERT INTO telemetry (name, name_full, description, value_validator)
VALUES (@name, @name_full, @description, @value_validator)
RETURNING id;

-- name: TelemetryUpdate :exec
UPDATE telemetry
SET name = @name, name_full = @name_full, description = @description, value_validator = @value_validator
WHERE id = @id;

-- name: TelemetryArchive :exec
UPDATE telemetry SET archived_at = now() WHERE id = @id AND archived_at IS NULL;

-- name: TelemetryRestore :exec
UPDATE telemetry SET archived_at = NULL WHERE id = @id;

-- name: TelemetryCurrent :one
SELECT version, valid_from, actor, request_id, archived_at, name, name_full, description, value_validator
FROM telemetry WHERE id = @id;

-- name: TelemetryHistory :many
SELECT version, valid_from, valid_until, actor, request_id, snapshot FROM telemetry_history
WHERE id = @id AND version < @before::integer
ORDER BY version DESC LIMIT @most;

-- name: TelemetryNextIDs :many
SELECT nextval(pg_get_serial_sequence('telemetry', 'id'))::bigint FROM generate_series(1, @count::integer);

-- name: TelemetryAll :many
SELECT id, name, name_full, description, value_validator FROM telemetry
WHERE archived_at IS NULL
ORDER BY name, id;

-- name: TelemetryList :many
-- A page in the order of names, from the place after the cursor.
SELECT * FROM live_telemetry t
WHERE (sqlc.narg('after_name')::text IS NULL OR (t.name, t.id) > (sqlc.narg('after_name')::text, sqlc.narg('after_id')::bigint))
  AND (sqlc.narg('name')::text IS NULL
       OR t.name = ANY (ARRAY(SELECT k.name FROM telemetry k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('name')::text))))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((t.name || E'\n' || t.name_full || E'\n' || t.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0)
ORDER BY t.name, t.id
LIMIT @most OFFSET @skip;

-- name: TelemetryListSorted :many
-- A page in any other order.
SELECT t.* FROM live_telemetry t
CROSS JOIN LATERAL (SELECT (CASE @sort::text WHEN 'id' THEN lpad(t.id::text, 19, '0') WHEN 'name_full' THEN t.name_full ELSE t.name END COLLATE "C")::text AS key) AS sort
WHERE (sqlc.narg('after_key')::text IS NULL
       OR (NOT @descending::boolean AND (sort.key COLLATE "C", t.id) > (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
       OR (@descending::boolean AND (sort.key COLLATE "C", t.id) < (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint)))
  AND (sqlc.narg('name')::text IS NULL
       OR t.name = ANY (ARRAY(SELECT k.name FROM telemetry k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('name')::text))))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((t.name || E'\n' || t.name_full || E'\n' || t.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0)
ORDER BY CASE WHEN @descending::boolean THEN NULL ELSE sort.key COLLATE "C" END,
         CASE WHEN @descending::boolean THEN NULL ELSE t.id END,
         CASE WHEN @descending::boolean THEN sort.key COLLATE "C" END DESC,
         CASE WHEN @descending::boolean THEN t.id END DESC
LIMIT @most OFFSET @skip;

-- name: TelemetryCount :one
SELECT count(*) FROM live_telemetry t
WHERE (sqlc.narg('name')::text IS NULL
       OR t.name = ANY (ARRAY(SELECT k.name FROM telemetry k WHERE k.archived_at IS NULL AND k.name_key = name_key(sqlc.narg('name')::text))))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((t.name || E'\n' || t.name_full || E'\n' || t.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0);

-- name: TelemetryAll :many
SELECT * FROM live_telemetry ORDER BY name, id;

-- name: TelemetryGetLive :many
-- In no order. The number of ids is hidden from the planner, which would otherwise make a plan for each call.
SELECT * FROM live_telemetry WHERE id = ANY ((SELECT @ids::bigint[])::bigint[]);

-- name: TelemetryLock :one
-- Locks the row until the transaction ends.
SELECT * FROM telemetry WHERE id = @id FOR NO KEY UPDATE;

-- name: TelemetryInsert :one
INSERT INTO telemetry (name, name_full, description, value_validator)
VALUES (@name, @name_full, @description, @value_validator)
RETURNING id;

-- name: TelemetryUpdate :exec
UPDATE telemetry
SET name = @name, name_full = @name_full, description = @description, value_validator = @value_validator
WHERE id = @id;

-- name: TelemetryUpdateMany :exec
UPDATE telemetry t
SET name = u.name, name_full = u.name_full, description = u.description, value_validator = u.value_validator::jsonb
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full,
             unnest(@descriptions::text[]) AS description,
             unnest(@value_validators::text[]) AS value_validator) u
WHERE t.id = u.id;

-- name: TelemetryArchive :exec
UPDATE telemetry SET archived_at = row_moment() WHERE id = @id AND archived_at IS NULL;

-- name: TelemetryRestore :exec
UPDATE telemetry SET archived_at = NULL WHERE id = @id;

-- name: TelemetryNextIDs :many
SELECT nextval(pg_get_serial_sequence('telemetry', 'id'))::bigint FROM generate_series(1, @count::integer);

-- name: TelemetryListAt :many
-- A page, in any order, of the parameters that were live, or archived, at a moment.
SELECT t.id, t.name, t.name_full, t.description, t.value_validator, t.archived_at FROM telemetry_version t
CROSS JOIN LATERAL (SELECT (CASE @sort::text WHEN 'id' THEN lpad(t.id::text, 19, '0') WHEN 'name_full' THEN t.name_full ELSE t.name END COLLATE "C")::text AS key) AS sort
WHERE t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz AND (t.archived_at IS NOT NULL) = @archived::boolean
  AND (sqlc.narg('after_key')::text IS NULL
       OR (NOT @descending::boolean AND (sort.key COLLATE "C", t.id) > (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint))
       OR (@descending::boolean AND (sort.key COLLATE "C", t.id) < (sqlc.narg('after_key')::text COLLATE "C", sqlc.narg('after_id')::bigint)))
  AND (sqlc.narg('name')::text IS NULL OR name_key(t.name) = (SELECT name_key(sqlc.narg('name')::text)))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((t.name || E'\n' || t.name_full || E'\n' || t.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0)
ORDER BY CASE WHEN @descending::boolean THEN NULL ELSE sort.key COLLATE "C" END,
         CASE WHEN @descending::boolean THEN NULL ELSE t.id END,
         CASE WHEN @descending::boolean THEN sort.key COLLATE "C" END DESC,
         CASE WHEN @descending::boolean THEN t.id END DESC
LIMIT @most OFFSET @skip;

-- name: TelemetryCountAt :one
SELECT count(*) FROM telemetry_version t
WHERE t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz AND (t.archived_at IS NOT NULL) = @archived::boolean
  AND (sqlc.narg('name')::text IS NULL OR name_key(t.name) = (SELECT name_key(sqlc.narg('name')::text)))
  AND (sqlc.narg('q')::text IS NULL OR strpos(lower((t.name || E'\n' || t.name_full || E'\n' || t.description) COLLATE "und-x-icu"),
               (SELECT lower(normalize(sqlc.narg('q')::text, NFC) COLLATE "und-x-icu"))) > 0);

-- name: TelemetryGetAt :one
-- The parameter as it was at a moment when it was live.
SELECT t.id, t.name, t.name_full, t.description, t.value_validator FROM telemetry_version t
WHERE t.id = @id::bigint AND t.archived_at IS NULL AND t.valid_from <= @moment::timestamptz AND t.valid_until > @moment::timestamptz;

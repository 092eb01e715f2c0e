-- name: CataloguesUsed :one
-- Whether any catalogue holds or ever held an item.
SELECT (EXISTS (SELECT FROM equipment) OR EXISTS (SELECT FROM command_toc)
        OR EXISTS (SELECT FROM command) OR EXISTS (SELECT FROM telemetry))::boolean AS used;

-- name: VersionList :many
-- The versions of an item below a number, newest first.
SELECT * FROM row_version WHERE entity = @entity::text AND id = @id AND version < @before
ORDER BY version DESC LIMIT @most;

-- name: VersionLatest :one
-- The number of the present version.
SELECT coalesce(max(version), 0)::integer FROM row_version WHERE entity = @entity::text AND id = @id AND valid_until IS NULL;

-- name: ReferenceCount :many
SELECT resource, relation, count(*) AS total FROM live_reference WHERE entity = @entity::text AND target = @target::bigint
GROUP BY resource, relation;

-- name: ReferenceList :many
-- The first by name.
SELECT * FROM live_reference WHERE entity = @entity::text AND relation = @relation::text AND target = @target::bigint
ORDER BY name, id LIMIT @most;

-- name: MomentIsPast :one
-- Whether a moment has come, by the clock that the versions are dated by.
SELECT (@moment::timestamptz <= clock_timestamp())::boolean AS past;

-- name: CatalogueVersion :one
-- The number that every change of the catalogues raises.
SELECT version FROM cache_version;

-- name: ParameterList :many
SELECT id, name, version, value_validator FROM telemetry WHERE archived_at IS NULL;

-- name: EquipmentListLive :many
SELECT id FROM equipment WHERE archived_at IS NULL;

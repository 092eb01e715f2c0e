-- name: CommandTOCAll :many
-- Every live section with the full name as it was given.
SELECT id, parent_id, parent_path, name, name_full FROM command_toc
WHERE archived_at IS NULL
ORDER BY parent_path, name, id;

-- name: EquipmentUpdateMany :exec
-- parent_ids hold 0 for a root.
UPDATE equipment e SET parent_id = nullif(u.parent_id, 0), name = u.name, name_full = u.name_full
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@parent_ids::bigint[]) AS parent_id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full) u
WHERE e.id = u.id;

-- name: CommandTOCUpdateMany :exec
-- parent_ids hold 0 for a root, names_full '' for none.
UPDATE command_toc e SET parent_id = nullif(u.parent_id, 0), name = u.name, name_full = nullif(u.name_full, '')
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@parent_ids::bigint[]) AS parent_id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full) u
WHERE e.id = u.id;

-- name: CommandUpdateMany :exec
-- undo_cmd_ids hold 0 for none.
UPDATE command c
SET equipment_id = u.equipment_id, toc_id = u.toc_id, name = u.name, name_full = u.name_full,
    description = u.description, undo_cmd_id = nullif(u.undo_cmd_id, 0)
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@equipment_ids::bigint[]) AS equipment_id,
             unnest(@toc_ids::bigint[]) AS toc_id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full,
             unnest(@descriptions::text[]) AS description,
             unnest(@undo_cmd_ids::bigint[]) AS undo_cmd_id) u
WHERE c.id = u.id;

-- name: TelemetryUpdateMany :exec
UPDATE telemetry t
SET name = u.name, name_full = u.name_full, description = u.description, value_validator = u.value_validator::jsonb
FROM (SELECT unnest(@ids::bigint[]) AS id,
             unnest(@names::text[]) AS name,
             unnest(@names_full::text[]) AS name_full,
             unnest(@descriptions::text[]) AS description,
             unnest(@value_validators::text[]) AS value_validator) u
WHERE t.id = u.id;

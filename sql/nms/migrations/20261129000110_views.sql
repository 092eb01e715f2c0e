-- migrate:up

-- What the service reads of each catalogue: the live rows with the columns that clients see, which is one type of
-- row for all queries. References are read from the columns of live rows, which are the indexed ones; the casts
-- say that they are not null there.
CREATE VIEW live_equipment AS
SELECT id, parent_id, parent_path, name, name_full FROM equipment WHERE archived_at IS NULL;

CREATE VIEW live_command_toc AS
SELECT id, parent_id, parent_path, name, name_full FROM command_toc WHERE archived_at IS NULL;

CREATE VIEW live_command AS
SELECT c.id, c.live_equipment_id::bigint AS equipment_id, c.live_toc_id::bigint AS toc_id, c.name, c.name_full, c.description,
       c.live_undo_cmd_id AS undo_cmd_id, e.name AS equipment_name, u.name AS undo_cmd_name
FROM command c
JOIN equipment e ON e.id = c.equipment_id
LEFT JOIN command u ON u.id = c.undo_cmd_id
WHERE c.archived_at IS NULL;

CREATE VIEW live_telemetry AS
SELECT id, name, name_full, description, value_validator FROM telemetry WHERE archived_at IS NULL;

-- Who refers to a live row: resource and relation as the API names them.
CREATE VIEW live_reference AS
SELECT 'equipment' AS entity, live_parent_id AS target, 'equipments' AS resource, 'child' AS relation, id, name FROM equipment
UNION ALL SELECT 'command_toc', live_parent_id, 'commands-toc', 'child', id, name FROM command_toc
UNION ALL SELECT 'equipment', live_equipment_id, 'commands', 'command', id, name FROM command
UNION ALL SELECT 'command_toc', live_toc_id, 'commands', 'command', id, name FROM command
UNION ALL SELECT 'command', live_undo_cmd_id, 'commands', 'undo', id, name FROM command;

-- Every version of every row. valid_until is null for the present one.
CREATE VIEW row_version AS
SELECT 'equipment' AS entity, r.id, r.version, r.valid_from, NULL::timestamptz AS valid_until, r.actor, r.request_id,
       row_content(to_jsonb(r)) AS snapshot FROM equipment r
UNION ALL SELECT 'command_toc', r.id, r.version, r.valid_from, NULL, r.actor, r.request_id, row_content(to_jsonb(r)) FROM command_toc r
UNION ALL SELECT 'command', r.id, r.version, r.valid_from, NULL, r.actor, r.request_id, row_content(to_jsonb(r)) FROM command r
UNION ALL SELECT 'telemetry', r.id, r.version, r.valid_from, NULL, r.actor, r.request_id, row_content(to_jsonb(r)) FROM telemetry r
UNION ALL SELECT 'equipment', id, version, valid_from, valid_until, actor, request_id, snapshot FROM equipment_history
UNION ALL SELECT 'command_toc', id, version, valid_from, valid_until, actor, request_id, snapshot FROM command_toc_history
UNION ALL SELECT 'command', id, version, valid_from, valid_until, actor, request_id, snapshot FROM command_history
UNION ALL SELECT 'telemetry', id, version, valid_from, valid_until, actor, request_id, snapshot FROM telemetry_history;

-- migrate:down

DROP VIEW row_version;
DROP VIEW live_reference;
DROP VIEW live_telemetry;
DROP VIEW live_command;
DROP VIEW live_command_toc;
DROP VIEW live_equipment;

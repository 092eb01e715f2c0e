-- migrate:up

-- row_moment is when a transaction's changes count from: the instant of its first one, read from the clock behind the
-- locks that it took for it. All versions that a transaction makes begin then (a second one of the same row a
-- microsecond later), so that a batch or an import is in the past as it was for its readers, whole or not at all.
-- Kept as a number, which reads back to the microsecond under every DateStyle.
CREATE FUNCTION row_moment() RETURNS timestamptz LANGUAGE sql VOLATILE
AS $$
SELECT to_timestamp(coalesce(nullif(current_setting('nms.moment', true), ''),
                             set_config('nms.moment', extract(epoch FROM clock_timestamp())::text, true))::float8)
$$;

CREATE OR REPLACE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    ended_at timestamptz := greatest(row_moment(), OLD.valid_from + interval '1 microsecond');
    content  jsonb := row_content(to_jsonb(OLD));
BEGIN
    IF TG_OP = 'UPDATE' AND row_content(to_jsonb(NEW)) = content THEN
        RETURN NEW;
    END IF;
    EXECUTE format(
        'INSERT INTO %I.%I (id, version, valid_from, valid_until, actor, request_id, snapshot)'
        ' VALUES ($1, $2, $3, $4, $5, $6, $7)', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_history')
    USING OLD.id, OLD.version, OLD.valid_from, ended_at, OLD.actor, OLD.request_id, content;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.valid_from := ended_at;
    NEW.actor := row_actor();
    NEW.request_id := row_request_id();
    RETURN NEW;
END $$;

ALTER TABLE equipment ALTER COLUMN valid_from SET DEFAULT row_moment();
ALTER TABLE command_toc ALTER COLUMN valid_from SET DEFAULT row_moment();
ALTER TABLE command ALTER COLUMN valid_from SET DEFAULT row_moment();
ALTER TABLE telemetry ALTER COLUMN valid_from SET DEFAULT row_moment();

-- What was superseded since a moment, which is what the past differs from the present by.
CREATE INDEX equipment_history_until_idx ON equipment_history (valid_until);
CREATE INDEX command_toc_history_until_idx ON command_toc_history (valid_until);
CREATE INDEX command_history_until_idx ON command_history (valid_until);
CREATE INDEX telemetry_history_until_idx ON telemetry_history (valid_until);

-- Every version of every row, present ones (until infinity) and past ones. A moment chooses one version of each row
-- that there was: valid_from <= moment AND valid_until > moment. Paths are not kept: they follow from the parents of
-- that moment.
CREATE VIEW equipment_version AS
SELECT id, parent_id, name, name_full, archived_at, valid_from, 'infinity'::timestamptz AS valid_until FROM equipment
UNION ALL
SELECT id, (snapshot->>'parent_id')::bigint, (snapshot->>'name') COLLATE "C", (snapshot->>'name_full') COLLATE "C",
       (snapshot->>'archived_at')::timestamptz, valid_from, valid_until
FROM equipment_history;

CREATE VIEW command_toc_version AS
SELECT id, parent_id, name, name_full, archived_at, valid_from, 'infinity'::timestamptz AS valid_until FROM command_toc
UNION ALL
SELECT id, (snapshot->>'parent_id')::bigint, (snapshot->>'name') COLLATE "C", (snapshot->>'name_full') COLLATE "C",
       (snapshot->>'archived_at')::timestamptz, valid_from, valid_until
FROM command_toc_history;

CREATE VIEW command_version AS
SELECT id, equipment_id, toc_id, undo_cmd_id, name, name_full, description, archived_at,
       valid_from, 'infinity'::timestamptz AS valid_until FROM command
UNION ALL
SELECT id, (snapshot->>'equipment_id')::bigint, (snapshot->>'toc_id')::bigint, (snapshot->>'undo_cmd_id')::bigint,
       (snapshot->>'name') COLLATE "C", (snapshot->>'name_full') COLLATE "C", (snapshot->>'description') COLLATE "C",
       (snapshot->>'archived_at')::timestamptz, valid_from, valid_until
FROM command_history;

CREATE VIEW telemetry_version AS
SELECT id, name, name_full, description, value_validator, archived_at,
       valid_from, 'infinity'::timestamptz AS valid_until FROM telemetry
UNION ALL
SELECT id, (snapshot->>'name') COLLATE "C", (snapshot->>'name_full') COLLATE "C", (snapshot->>'description') COLLATE "C",
       snapshot->'value_validator', (snapshot->>'archived_at')::timestamptz, valid_from, valid_until
FROM telemetry_history;

-- migrate:down

DROP VIEW telemetry_version;
DROP VIEW command_version;
DROP VIEW command_toc_version;
DROP VIEW equipment_version;

DROP INDEX telemetry_history_until_idx;
DROP INDEX command_history_until_idx;
DROP INDEX command_toc_history_until_idx;
DROP INDEX equipment_history_until_idx;

ALTER TABLE telemetry ALTER COLUMN valid_from SET DEFAULT clock_timestamp();
ALTER TABLE command ALTER COLUMN valid_from SET DEFAULT clock_timestamp();
ALTER TABLE command_toc ALTER COLUMN valid_from SET DEFAULT clock_timestamp();
ALTER TABLE equipment ALTER COLUMN valid_from SET DEFAULT clock_timestamp();

CREATE OR REPLACE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    ended_at timestamptz := greatest(clock_timestamp(), OLD.valid_from + interval '1 microsecond');
    content  jsonb := row_content(to_jsonb(OLD));
BEGIN
    IF TG_OP = 'UPDATE' AND row_content(to_jsonb(NEW)) = content THEN
        RETURN NEW;
    END IF;
    EXECUTE format(
        'INSERT INTO %I.%I (id, version, valid_from, valid_until, actor, request_id, snapshot)'
        ' VALUES ($1, $2, $3, $4, $5, $6, $7)', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_history')
    USING OLD.id, OLD.version, OLD.valid_from, ended_at, OLD.actor, OLD.request_id, content;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.valid_from := ended_at;
    NEW.actor := row_actor();
    NEW.request_id := row_request_id();
    RETURN NEW;
END $$;

DROP FUNCTION row_moment();

-- migrate:up

-- The rule for names; common/name says it, and its test compares it with these functions over every code point. They
-- are the same in auth and nms.

-- name_is_clean: no blanks at the ends (White_Space), nothing that controls or that nobody sees (Cc, Cf, Zl, Zp, Co, U+00A0,
-- U+2800, Other_Default_Ignorable_Code_Point, Variation_Selector).
CREATE FUNCTION name_is_clean(name text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN name COLLATE "C" !~ (
    '^[ \u1680\u2000-\u200a\u202f\u205f\u3000]|[ \u1680\u2000-\u200a\u202f\u205f\u3000]$'
    '|[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160'
    '\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff'
    '\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
    '\U000e0000-\U000e0fff\U000f0000-\U000ffffd\U00100000-\U0010fffd]');

-- name_fold makes equal names the same text: full case folding between two normalisations to NFKC. PostgreSQL has no case
-- folding before version 18; ICU's lower case of the upper case of the lower case comes to the same, but for dotless i, whose
-- upper case is I (a superscript two, which NFKC leaves nowhere, keeps its place meanwhile), and for sigma at the
-- end of a word. Lower case comes last because the lower case of a letter never changes, while a newer Unicode may add
-- an upper case to it.
CREATE FUNCTION name_fold(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF name COLLATE "C" ~ '[\U0001e030-\U0001e06d]' THEN -- modifier letters of Unicode 15, which PostgreSQL 15 does not normalise
        name := translate(name, (SELECT string_agg(chr(c), '' ORDER BY c) FROM generate_series(x'1e030'::int, x'1e06d'::int) c),
            'абвгдежзиклмопрстуфхцчшыэюꚉәіјөүӏабвгдежзиклопсуфхцчшъыґіѕџҫꙑұ');
    END IF;
    IF name IS NOT NFKC NORMALIZED THEN -- asking is quick, normalize() is not
        name := normalize(name, NFKC);
    END IF;
    name := translate(lower(name COLLATE "und-x-icu"), 'ı', '²');
    name := translate(lower(upper(name COLLATE "und-x-icu") COLLATE "und-x-icu"), '²ς', 'ıσ');
    IF name IS NOT NFKC NORMALIZED THEN
        name := normalize(name, NFKC);
    END IF;
    RETURN name;
END $$;

-- name_key tells equal names. Not STRICT, because PostgreSQL would then call it in place of writing it out, which takes
-- ten times as long for names of ASCII.
CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(name) = char_length(name) THEN lower(name COLLATE "C") ELSE name_fold(name) END COLLATE "C";

-- Names that broke the rule before it came stay, and their rows can change in everything else; a trigger says so, since
-- a check constraint would refuse every change of such a row. The argument is the name of the rule.
CREATE FUNCTION name_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a name has blanks at its ends, or control or invisible characters'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
END $$;

-- Names that the rule made equal stay too: name_clash numbers them from 0 and is part of the unique index. A row that
-- gets another name or place, or comes back, has to be unique there like any other.
CREATE FUNCTION name_settle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name_clash := 0;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION row_content(whole jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT whole - '{id, version, valid_from, actor, request_id, parent_path, name_key, name_clash,
                 live_id, live_parent_id, live_equipment_id, live_toc_id, live_undo_cmd_id}'::text[]
$$;

-- Unique among live rows: equipment and sections under their parent, commands within their equipment, parameters as a whole.
-- The key comes first in every index, because names are looked up by it alone.
ALTER TABLE equipment ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
DROP INDEX equipment_name_key;
UPDATE equipment SET name = name WHERE name_key <> name_key(name);
UPDATE equipment SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY name_key, parent_id ORDER BY id) - 1 AS n FROM equipment WHERE archived_at IS NULL
) same WHERE same.id = equipment.id AND same.n > 0;
CREATE UNIQUE INDEX equipment_name_key ON equipment (name_key, parent_id, name_clash) NULLS NOT DISTINCT
    WHERE archived_at IS NULL;
CREATE TRIGGER equipment_name_insert BEFORE INSERT ON equipment FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('equipment_name_rule');
CREATE TRIGGER equipment_name_update BEFORE UPDATE OF name ON equipment FOR EACH ROW
    WHEN (NEW.name <> OLD.name AND NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('equipment_name_rule');
CREATE TRIGGER equipment_name_settle BEFORE UPDATE OF name, parent_id, archived_at ON equipment FOR EACH ROW
    WHEN (OLD.name_clash <> 0 AND (NEW.name <> OLD.name OR NEW.parent_id IS DISTINCT FROM OLD.parent_id
        OR NEW.archived_at IS DISTINCT FROM OLD.archived_at)) EXECUTE FUNCTION name_settle();

ALTER TABLE command_toc ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
DROP INDEX command_toc_name_key;
UPDATE command_toc SET name = name WHERE name_key <> name_key(name);
UPDATE command_toc SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY name_key, parent_id ORDER BY id) - 1 AS n FROM command_toc WHERE archived_at IS NULL
) same WHERE same.id = command_toc.id AND same.n > 0;
CREATE UNIQUE INDEX command_toc_name_key ON command_toc (name_key, parent_id, name_clash) NULLS NOT DISTINCT
    WHERE archived_at IS NULL;
CREATE TRIGGER command_toc_name_insert BEFORE INSERT ON command_toc FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('command_toc_name_rule');
CREATE TRIGGER command_toc_name_update BEFORE UPDATE OF name ON command_toc FOR EACH ROW
    WHEN (NEW.name <> OLD.name AND NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('command_toc_name_rule');
CREATE TRIGGER command_toc_name_settle BEFORE UPDATE OF name, parent_id, archived_at ON command_toc FOR EACH ROW
    WHEN (OLD.name_clash <> 0 AND (NEW.name <> OLD.name OR NEW.parent_id IS DISTINCT FROM OLD.parent_id
        OR NEW.archived_at IS DISTINCT FROM OLD.archived_at)) EXECUTE FUNCTION name_settle();

ALTER TABLE command ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
DROP INDEX command_name_key;
UPDATE command SET name = name WHERE name_key <> name_key(name);
UPDATE command SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY name_key, equipment_id ORDER BY id) - 1 AS n FROM command WHERE archived_at IS NULL
) same WHERE same.id = command.id AND same.n > 0;
CREATE UNIQUE INDEX command_name_key ON command (name_key, equipment_id, name_clash)
    WHERE archived_at IS NULL;
CREATE TRIGGER command_name_insert BEFORE INSERT ON command FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('command_name_rule');
CREATE TRIGGER command_name_update BEFORE UPDATE OF name ON command FOR EACH ROW
    WHEN (NEW.name <> OLD.name AND NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('command_name_rule');
CREATE TRIGGER command_name_settle BEFORE UPDATE OF name, equipment_id, archived_at ON command FOR EACH ROW
    WHEN (OLD.name_clash <> 0 AND (NEW.name <> OLD.name OR NEW.equipment_id IS DISTINCT FROM OLD.equipment_id
        OR NEW.archived_at IS DISTINCT FROM OLD.archived_at)) EXECUTE FUNCTION name_settle();

ALTER TABLE telemetry ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
DROP INDEX telemetry_name_key;
UPDATE telemetry SET name = name WHERE name_key <> name_key(name);
UPDATE telemetry SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY name_key ORDER BY id) - 1 AS n FROM telemetry WHERE archived_at IS NULL
) same WHERE same.id = telemetry.id AND same.n > 0;
CREATE UNIQUE INDEX telemetry_name_key ON telemetry (name_key, name_clash)
    WHERE archived_at IS NULL;
CREATE TRIGGER telemetry_name_insert BEFORE INSERT ON telemetry FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('telemetry_name_rule');
CREATE TRIGGER telemetry_name_update BEFORE UPDATE OF name ON telemetry FOR EACH ROW
    WHEN (NEW.name <> OLD.name AND NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('telemetry_name_rule');
CREATE TRIGGER telemetry_name_settle BEFORE UPDATE OF name, archived_at ON telemetry FOR EACH ROW
    WHEN (OLD.name_clash <> 0 AND (NEW.name <> OLD.name
        OR NEW.archived_at IS DISTINCT FROM OLD.archived_at)) EXECUTE FUNCTION name_settle();

-- migrate:down

DROP TRIGGER equipment_name_settle ON equipment;
DROP TRIGGER equipment_name_update ON equipment;
DROP TRIGGER equipment_name_insert ON equipment;
DROP INDEX equipment_name_key;
DROP TRIGGER command_toc_name_settle ON command_toc;
DROP TRIGGER command_toc_name_update ON command_toc;
DROP TRIGGER command_toc_name_insert ON command_toc;
DROP INDEX command_toc_name_key;
DROP TRIGGER command_name_settle ON command;
DROP TRIGGER command_name_update ON command;
DROP TRIGGER command_name_insert ON command;
DROP INDEX command_name_key;
DROP TRIGGER telemetry_name_settle ON telemetry;
DROP TRIGGER telemetry_name_update ON telemetry;
DROP TRIGGER telemetry_name_insert ON telemetry;
DROP INDEX telemetry_name_key;

CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT CASE WHEN octet_length(name) = char_length(name) THEN lower(name COLLATE "C")
            ELSE lower(normalize(name, NFC) COLLATE "und-x-icu") COLLATE "C" END
$$;

-- Fails where names have been made that were not unique before: rename them first.
UPDATE equipment SET name = name WHERE name_key <> name_key(name);
CREATE UNIQUE INDEX equipment_name_key ON equipment (name_key)
    WHERE archived_at IS NULL;
ALTER TABLE equipment DROP COLUMN name_clash;
UPDATE command_toc SET name = name WHERE name_key <> name_key(name);
CREATE UNIQUE INDEX command_toc_name_key ON command_toc (parent_id, name_key) NULLS NOT DISTINCT
    WHERE archived_at IS NULL;
ALTER TABLE command_toc DROP COLUMN name_clash;
UPDATE command SET name = name WHERE name_key <> name_key(name);
CREATE UNIQUE INDEX command_name_key ON command (name_key)
    WHERE archived_at IS NULL;
ALTER TABLE command DROP COLUMN name_clash;
UPDATE telemetry SET name = name WHERE name_key <> name_key(name);
CREATE UNIQUE INDEX telemetry_name_key ON telemetry (name_key)
    WHERE archived_at IS NULL;
ALTER TABLE telemetry DROP COLUMN name_clash;

CREATE OR REPLACE FUNCTION row_content(whole jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT whole - '{id, version, valid_from, actor, request_id, parent_path, name_key,
                 live_id, live_parent_id, live_equipment_id, live_toc_id, live_undo_cmd_id}'::text[]
$$;

DROP FUNCTION name_settle();
DROP FUNCTION name_refuse();
DROP FUNCTION name_fold(text);
DROP FUNCTION name_is_clean(text);

-- migrate:up

-- name_key folds a name to what makes it unique and findable: Unicode composition and letter case aside,
-- for every script. ICU does it, because lower() under the C collation knows ASCII only; names of ASCII,
-- which have as many bytes as characters, are spared that, since normalize() costs some 15 µs.
CREATE FUNCTION name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT CASE WHEN octet_length(name) = char_length(name) THEN lower(name COLLATE "C")
            ELSE lower(normalize(name, NFC) COLLATE "und-x-icu") COLLATE "C" END
$$;

-- row_actor says who changes a row: the transaction's actor, or the database user when it is changed by hand.
CREATE FUNCTION row_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('nms.actor', true), ''), 'db:' || session_user) $$;

CREATE FUNCTION row_request_id() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('nms.request_id', true), '') $$;

-- row_content is what a version keeps of a row (as jsonb): everything but what says which version it is and what
-- follows from other columns. So a new column is versioned without being named anywhere; one that is derived, as
-- every generated column is, is added here by the migration that makes it.
CREATE FUNCTION row_content(whole jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT whole - '{id, version, valid_from, actor, request_id, parent_path, name_key,
                 live_id, live_parent_id, live_equipment_id, live_toc_id, live_undo_cmd_id}'::text[]
$$;

-- keep_version is the history of the catalogues. A row carries its own version (number, instant, actor,
-- request id); an update that changes its content first files the version that it supersedes into <table>_history.
-- So making a row costs nothing beside the row itself, which an import of a hundred thousand of them feels, and
-- ranges of one row neither overlap nor leave a gap: each begins at the instant that ended the one before, at least
-- a microsecond later, whatever the clock does. Changes of one row are serial, because the row is locked.
CREATE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
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

-- migrate:down

DROP FUNCTION keep_version();
DROP FUNCTION row_content(jsonb);
DROP FUNCTION row_request_id();
DROP FUNCTION row_actor();
DROP FUNCTION name_key(text);

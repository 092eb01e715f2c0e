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

DROP INDEX api_keys_name_live_key;
-- login_key tells equal names. Not STRICT, because PostgreSQL would then call it in place of writing it out, which takes
-- ten times as long for names of ASCII.
CREATE OR REPLACE FUNCTION login_key(login text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(login) = char_length(login) THEN lower(login COLLATE "C") ELSE name_fold(login) END COLLATE "C";

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

ALTER TABLE roles ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN name_clash bigint NOT NULL DEFAULT 0;
CREATE OR REPLACE TRIGGER roles_history_insert AFTER INSERT ON roles
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch', 'name_clash');
CREATE OR REPLACE TRIGGER roles_history_update AFTER UPDATE ON roles
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch', 'name_clash');
CREATE OR REPLACE TRIGGER roles_history_delete AFTER DELETE ON roles
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch', 'name_clash');
CREATE OR REPLACE TRIGGER users_history_insert AFTER INSERT ON users
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('password_hash', 'epoch', 'login_key', 'name_clash');
CREATE OR REPLACE TRIGGER users_history_update AFTER UPDATE ON users
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('password_hash', 'epoch', 'login_key', 'name_clash');
CREATE OR REPLACE TRIGGER users_history_delete AFTER DELETE ON users
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('password_hash', 'epoch', 'login_key', 'name_clash');

UPDATE roles SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY login_key(id) ORDER BY create_dt, id) - 1 AS n FROM roles
) same WHERE same.id = roles.id AND same.n > 0;
CREATE UNIQUE INDEX roles_id_key ON roles (login_key(id), name_clash);
CREATE TRIGGER roles_id_insert BEFORE INSERT ON roles FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.id)) EXECUTE FUNCTION name_refuse('roles_id_rule');

DROP INDEX users_login_live_key;
UPDATE users SET login = login WHERE login_key <> login_key(login);
UPDATE users SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY login_key ORDER BY id) - 1 AS n FROM users WHERE status <> -1
) same WHERE same.id = users.id AND same.n > 0;
CREATE UNIQUE INDEX users_login_live_key ON users (login_key, name_clash) WHERE status <> -1;
CREATE TRIGGER users_login_insert BEFORE INSERT ON users FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.login)) EXECUTE FUNCTION name_refuse('users_login_rule');
CREATE TRIGGER users_login_update BEFORE UPDATE OF login ON users FOR EACH ROW
    WHEN (NEW.login <> OLD.login AND NOT name_is_clean(NEW.login)) EXECUTE FUNCTION name_refuse('users_login_rule');
CREATE TRIGGER users_name_insert BEFORE INSERT ON users FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('users_name_rule');
CREATE TRIGGER users_name_update BEFORE UPDATE OF name ON users FOR EACH ROW
    WHEN (NEW.name <> OLD.name AND NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('users_name_rule');
CREATE TRIGGER users_login_settle BEFORE UPDATE OF login, status ON users FOR EACH ROW
    WHEN (OLD.name_clash <> 0 AND (NEW.login <> OLD.login OR NEW.status = -1)) EXECUTE FUNCTION name_settle();

UPDATE api_keys SET name_clash = same.n FROM (
    SELECT id, row_number() OVER (PARTITION BY login_key(name) ORDER BY created_at, id) - 1 AS n FROM api_keys WHERE revoked_at IS NULL
) same WHERE same.id = api_keys.id AND same.n > 0;
CREATE UNIQUE INDEX api_keys_name_live_key ON api_keys (login_key(name), name_clash) WHERE revoked_at IS NULL;
CREATE TRIGGER api_keys_name_insert BEFORE INSERT ON api_keys FOR EACH ROW
    WHEN (NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('api_keys_name_rule');
CREATE TRIGGER api_keys_name_update BEFORE UPDATE OF name ON api_keys FOR EACH ROW
    WHEN (NEW.name <> OLD.name AND NOT name_is_clean(NEW.name)) EXECUTE FUNCTION name_refuse('api_keys_name_rule');

-- migrate:down

DROP TRIGGER api_keys_name_update ON api_keys;
DROP TRIGGER api_keys_name_insert ON api_keys;
DROP TRIGGER users_login_settle ON users;
DROP TRIGGER users_name_update ON users;
DROP TRIGGER users_name_insert ON users;
DROP TRIGGER users_login_update ON users;
DROP TRIGGER users_login_insert ON users;
DROP TRIGGER roles_id_insert ON roles;
DROP INDEX api_keys_name_live_key, users_login_live_key, roles_id_key;

CREATE OR REPLACE FUNCTION login_key(login text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(normalize(login, NFKC) COLLATE "und-x-icu") COLLATE "C";
UPDATE users SET login = login WHERE login_key <> login_key(login);
CREATE UNIQUE INDEX users_login_live_key ON users (login_key) WHERE status <> -1;
CREATE UNIQUE INDEX api_keys_name_live_key ON api_keys (login_key(name)) WHERE revoked_at IS NULL;

CREATE OR REPLACE TRIGGER roles_history_insert AFTER INSERT ON roles
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch');
CREATE OR REPLACE TRIGGER roles_history_update AFTER UPDATE ON roles
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch');
CREATE OR REPLACE TRIGGER roles_history_delete AFTER DELETE ON roles
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch');
CREATE OR REPLACE TRIGGER users_history_insert AFTER INSERT ON users
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('password_hash', 'epoch', 'login_key');
CREATE OR REPLACE TRIGGER users_history_update AFTER UPDATE ON users
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('password_hash', 'epoch', 'login_key');
CREATE OR REPLACE TRIGGER users_history_delete AFTER DELETE ON users
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('password_hash', 'epoch', 'login_key');
ALTER TABLE api_keys DROP COLUMN name_clash;
ALTER TABLE users DROP COLUMN name_clash;
ALTER TABLE roles DROP COLUMN name_clash;
DROP FUNCTION name_settle();
DROP FUNCTION name_refuse();
DROP FUNCTION name_fold(text);
DROP FUNCTION name_is_clean(text);

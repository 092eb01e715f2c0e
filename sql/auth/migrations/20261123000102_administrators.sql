-- migrate:up

-- An administrator is an enabled user whose role holds every named permission (0xFC000017): whoever lacks
-- one cannot grant it to others, so without an administrator it would be lost for good. There is always one.
--
-- Two changes at once could each leave the other's administrator as the last. So every change that could
-- take one away first updates this one row: the second waits, then counts what the first has left. The update
-- (rather than a lock alone) makes it hold at the higher isolation levels too, where the second one fails.
CREATE TABLE administrator_guard (
    one_row boolean NOT NULL DEFAULT true,
    changes bigint  NOT NULL DEFAULT 0,
    CONSTRAINT administrator_guard_pkey PRIMARY KEY (one_row),
    CONSTRAINT administrator_guard_one_row CHECK (one_row)
);
INSERT INTO administrator_guard DEFAULT VALUES;

CREATE FUNCTION is_administrator_access(access bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN access & 4227858455 = 4227858455;

CREATE FUNCTION require_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_one boolean;
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        IF OLD.status <> 0 OR TG_OP = 'UPDATE' AND NEW.status = OLD.status
            AND NEW.role_id IS NOT DISTINCT FROM OLD.role_id THEN
            RETURN NULL;
        END IF;
    ELSIF NOT is_administrator_access(OLD.access) OR is_administrator_access(NEW.access) THEN
        RETURN NULL;
    END IF;

    -- For everybody who loses a role, not only for administrators: a role may be on its way to become
    -- theirs in a transaction that is not visible yet.
    UPDATE administrator_guard SET changes = changes + 1;

    IF TG_TABLE_NAME = 'users' THEN
        SELECT is_administrator_access(r.access) INTO was_one FROM roles r WHERE r.id = OLD.role_id;
        IF NOT coalesce(was_one, false) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT FROM users u JOIN roles r ON r.id = u.role_id
        WHERE u.status = 0 AND is_administrator_access(r.access)
    ) THEN
        RAISE EXCEPTION 'the last administrator cannot be taken away'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'last_administrator', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER users_require_administrator AFTER UPDATE OF status, role_id OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION require_administrator();
CREATE TRIGGER roles_require_administrator AFTER UPDATE OF access ON roles
    FOR EACH ROW EXECUTE FUNCTION require_administrator();

-- migrate:down

DROP TRIGGER users_require_administrator ON users;
DROP TRIGGER roles_require_administrator ON roles;
DROP FUNCTION require_administrator();
DROP FUNCTION is_administrator_access(bigint);
DROP TABLE administrator_guard;

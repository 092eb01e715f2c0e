-- migrate:up

-- The permissions that have a name, as one mask; common/authn lists their bits, names and meanings, and a test
-- compares the two. An administrator's role holds all of them.
CREATE TABLE named_permissions (
    one_row boolean NOT NULL DEFAULT true,
    access  bigint  NOT NULL,
    CONSTRAINT named_permissions_pkey PRIMARY KEY (one_row),
    CONSTRAINT named_permissions_one_row CHECK (one_row),
    CONSTRAINT named_permissions_access_range CHECK (access >= 0)
);
-- The original system's: bits 0, 1, 2, 4 and 26 to 31.
INSERT INTO named_permissions (access) VALUES (4227858455);

CREATE OR REPLACE FUNCTION is_administrator_access(access bigint) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (SELECT is_administrator_access.access & p.access = p.access FROM named_permissions p);

-- with_permissions returns what a role's mask becomes when permissions are added: a role that held every named
-- one gets them too, so that its users can still grant everything; any other role stays as it is.
CREATE FUNCTION with_permissions(access bigint, named bigint, added bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN access & named = named THEN access | added ELSE access END;

-- add_permissions names more bits (0 to 62). A migration that adds permissions calls it, and no other way leads
-- past the administrators: SELECT add_permissions(12, 13). Their access tokens are revoked, as with any change
-- of a role, and renewed by the refresh token.
CREATE FUNCTION add_permissions(VARIADIC bits integer[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    added   bigint := (SELECT bit_or(1::bigint << bit) FROM unnest(bits) bit);
    named   bigint;
    changed bigint;
BEGIN
    IF EXISTS (SELECT FROM unnest(bits) bit WHERE bit NOT BETWEEN 0 AND 62) THEN
        RAISE EXCEPTION 'permissions have the bits 0 to 62';
    END IF;
    LOCK TABLE roles IN SHARE ROW EXCLUSIVE MODE; -- a role that is being made is raised too
    SELECT p.access INTO named FROM named_permissions p FOR UPDATE;
    PERFORM set_config('nms.actor', 'service:migrate', true);
    UPDATE roles r SET access = with_permissions(r.access, named, added), update_dt = clock_timestamp()
    WHERE r.access <> with_permissions(r.access, named, added);
    UPDATE named_permissions SET access = named | added;
    -- Nobody goes on answering with the roles as they were; see common/cache.
    UPDATE cache_version SET version = version + 1 RETURNING version INTO changed;
    PERFORM pg_notify('cache', changed || ' ');
END $$;

-- remove_permissions undoes add_permissions, for the way down.
CREATE FUNCTION remove_permissions(VARIADIC bits integer[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    removed bigint := (SELECT bit_or(1::bigint << bit) FROM unnest(bits) bit);
    named   bigint;
    changed bigint;
BEGIN
    LOCK TABLE roles IN SHARE ROW EXCLUSIVE MODE;
    SELECT p.access INTO named FROM named_permissions p FOR UPDATE;
    PERFORM set_config('nms.actor', 'service:migrate', true);
    UPDATE named_permissions SET access = named & ~removed;
    UPDATE roles r SET access = r.access & ~removed, update_dt = clock_timestamp()
    WHERE r.access & named = named;
    UPDATE cache_version SET version = version + 1 RETURNING version INTO changed;
    PERFORM pg_notify('cache', changed || ' ');
END $$;

-- migrate:down

DROP FUNCTION remove_permissions(integer[]);
DROP FUNCTION add_permissions(integer[]);
DROP FUNCTION with_permissions(bigint, bigint, bigint);
CREATE OR REPLACE FUNCTION is_administrator_access(access bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN access & 4227858455 = 4227858455;
DROP TABLE named_permissions;

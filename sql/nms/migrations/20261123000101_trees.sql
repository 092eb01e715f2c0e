-- migrate:up

CREATE EXTENSION IF NOT EXISTS ltree;

-- A tree is a table with id, parent_id and parent_path: "0" for a root, "0.1" for a child of item 1, "0.1.2"
-- for a child of item 2 below it. The functions here keep the paths true for every writer, psql included.
--
-- One lock per tree, held to the end of the transaction, orders the changes of its shape: those that add
-- nodes share it, those that move nodes hold it alone. Row locks cannot do this: a move must also see nodes
-- that another transaction is just adding below it, and two opposite moves touch different rows.
CREATE FUNCTION tree_lock(tree regclass, alone boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A snapshot older than the lock would miss what its last holder did.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the shape of % changes in READ COMMITTED transactions only', tree
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF alone THEN
        PERFORM pg_advisory_xact_lock(7500133, tree::oid::int);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7500133, tree::oid::int);
    END IF;
END $$;

CREATE FUNCTION tree_lock_for_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tree_lock(TG_RELID, false);
    RETURN NULL;
END $$;

CREATE FUNCTION tree_lock_for_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tree_lock(TG_RELID, true);
    RETURN NULL;
END $$;

-- tree_place gives a new node its path. Bulk loads bring their paths along and are checked as a whole.
CREATE FUNCTION tree_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NOT NULL THEN
        EXECUTE format('SELECT parent_path || id::text FROM %s WHERE id = $1', TG_RELID::regclass)
            INTO NEW.parent_path USING NEW.parent_id;
    END IF;
    -- An unknown parent is the foreign key's to refuse.
    NEW.parent_path := coalesce(NEW.parent_path, '0');
    RETURN NEW;
END $$;

CREATE FUNCTION tree_check_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    untrue boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM new_rows n LEFT JOIN %s p ON p.id = n.parent_id'
        ' WHERE n.parent_path <> coalesce(p.parent_path || p.id::text, ''0''))', TG_RELID::regclass)
        INTO untrue;
    IF untrue THEN
        RAISE EXCEPTION 'parent_path is not the path of the parent'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_parent_path_check';
    END IF;
    RETURN NULL;
END $$;

-- tree_move rewrites the paths of a moved node and of everything below it, archived nodes too, in one
-- statement. It runs after the row, so that it sees every change that the moving statement made.
CREATE FUNCTION tree_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    node   ltree;
    target ltree := '0';
BEGIN
    EXECUTE format('SELECT parent_path || id::text FROM %s WHERE id = $1', TG_RELID::regclass)
        INTO node USING NEW.id;
    IF NEW.parent_id IS NOT NULL THEN
        EXECUTE format('SELECT parent_path || id::text FROM %s WHERE id = $1', TG_RELID::regclass)
            INTO target USING NEW.parent_id;
        IF target <@ node THEN
            RAISE EXCEPTION 'node % would become its own ancestor', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_cycle_check';
        END IF;
    END IF;
    -- A path's descendants are one range of the index: "z" sorts behind every digit.
    EXECUTE format(
        'UPDATE %s SET parent_path = CASE WHEN id = $1 THEN $3 ELSE $3 || subpath(parent_path, nlevel($2) - 1) END'
        ' WHERE id = $1 OR (parent_path >= $2 AND parent_path < $2 || ''z'')', TG_RELID::regclass)
        USING NEW.id, node, target;
    RETURN NULL;
END $$;

CREATE FUNCTION tree_path_is_derived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'parent_path follows parent_id and is not written by hand'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_parent_path_check';
END $$;

-- migrate:down

DROP FUNCTION tree_path_is_derived();
DROP FUNCTION tree_move();
DROP FUNCTION tree_check_new();
DROP FUNCTION tree_place();
DROP FUNCTION tree_lock_for_move();
DROP FUNCTION tree_lock_for_insert();
DROP FUNCTION tree_lock(regclass, boolean);
DROP EXTENSION ltree;

-- The database nms as the migrations before the first tag left it (commit e152726), with a few rows; see upgrade_test.go.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS ltree WITH SCHEMA public;

CREATE FUNCTION public.keep_version() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    AS $_$
DECLARE
    ended_at timestamptz := greatest(clock_timestamp(), OLD.valid_from + interval '1 microsecond');
BEGIN
    EXECUTE format(
        'INSERT INTO %I.%I (id, version, valid_from, valid_until, actor, request_id, snapshot)'
        ' SELECT $1, $2, $3, $4, $5, $6, jsonb_object_agg(key, value) FROM jsonb_each($7) WHERE key = ANY ($8)',
        TG_TABLE_SCHEMA, TG_TABLE_NAME || '_history')
    USING OLD.id, OLD.version, OLD.valid_from, ended_at, OLD.actor, OLD.request_id, to_jsonb(OLD), TG_ARGV::text[];
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.valid_from := ended_at;
    NEW.actor := row_actor();
    NEW.request_id := row_request_id();
    RETURN NEW;
END $_$;

CREATE FUNCTION public.name_key(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
SELECT CASE WHEN octet_length(name) = char_length(name) THEN lower(name COLLATE "C")
            ELSE lower(normalize(name, NFC) COLLATE "und-x-icu") COLLATE "C" END
$$;

CREATE FUNCTION public.nms_history() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    AS $_$
DECLARE
    history  text := format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_history');
    left_out text[] := coalesce(TG_ARGV, '{}');
    -- A change made by hand in psql has no actor: the database user is named then.
    actor    text := coalesce(nullif(current_setting('nms.actor', true), ''), 'db:' || session_user);
    request  text := coalesce(current_setting('nms.request_id', true), '');
    changed  text;
    rekeyed  boolean;
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        changed := 'SELECT n.id, to_jsonb(n) - $1 AS snapshot FROM new_rows n';
    WHEN 'DELETE' THEN
        changed := 'SELECT o.id, to_jsonb(o) - $1 AS snapshot FROM old_rows o';
    WHEN 'UPDATE' THEN
        SELECT EXISTS (SELECT FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.id = n.id))
            INTO rekeyed;
        IF rekeyed THEN
            RAISE EXCEPTION 'the id of a row in % is the key of its history and cannot change', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_id_fixed';
        END IF;
        changed := 'SELECT n.id, to_jsonb(n) - $1 AS snapshot FROM new_rows n JOIN old_rows o ON o.id = n.id'
            || ' WHERE to_jsonb(n) - $1 IS DISTINCT FROM to_jsonb(o) - $1';
    END CASE;

    EXECUTE format($sql$
        WITH changed AS MATERIALIZED (%2$s),
        closed AS (
            UPDATE %1$s h
            SET valid = tstzrange(lower(h.valid), greatest(clock_timestamp(), lower(h.valid) + interval '1 microsecond'))
            FROM changed c
            WHERE h.id = c.id AND upper_inf(h.valid)
            RETURNING h.id, h.version, upper(h.valid) AS ended_at
        )
        INSERT INTO %1$s (id, version, valid, op, actor, request_id, snapshot)
        SELECT c.id, coalesce(p.version, 0) + 1, tstzrange(coalesce(p.ended_at, clock_timestamp()), NULL),
               $2, $3, $4, c.snapshot
        FROM changed c LEFT JOIN closed p ON p.id = c.id
        $sql$, history, changed)
    USING left_out, lower(TG_OP), actor, request;
    RETURN NULL;
END $_$;

CREATE FUNCTION public.outbox_notify() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END $$;

CREATE FUNCTION public.row_actor() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting('nms.actor', true), ''), 'db:' || session_user) $$;

CREATE FUNCTION public.row_request_id() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('nms.request_id', true), '') $$;

CREATE FUNCTION public.tree_check_new() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.tree_lock(tree regclass, alone boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.tree_lock_for_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM tree_lock(TG_RELID, false);
    RETURN NULL;
END $$;

CREATE FUNCTION public.tree_lock_for_move() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM tree_lock(TG_RELID, true);
    RETURN NULL;
END $$;

CREATE FUNCTION public.tree_move() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

CREATE FUNCTION public.tree_path_is_derived() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'parent_path follows parent_id and is not written by hand'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_parent_path_check';
END $$;

CREATE FUNCTION public.tree_place() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
    IF NEW.parent_id IS NOT NULL THEN
        EXECUTE format('SELECT parent_path || id::text FROM %s WHERE id = $1', TG_RELID::regclass)
            INTO NEW.parent_path USING NEW.parent_id;
    END IF;
    -- An unknown parent is the foreign key's to refuse.
    NEW.parent_path := coalesce(NEW.parent_path, '0');
    RETURN NEW;
END $_$;

CREATE TABLE public.cache_lease (
    instance uuid NOT NULL,
    seen bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.cache_version (
    one_row boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    epoch uuid DEFAULT gen_random_uuid() NOT NULL,
    alone uuid,
    CONSTRAINT cache_version_one_row_check CHECK (one_row)
)
WITH (fillfactor='50');

CREATE TABLE public.command (
    id bigint NOT NULL,
    equipment_id bigint NOT NULL,
    toc_id bigint NOT NULL,
    undo_cmd_id bigint,
    name text NOT NULL COLLATE pg_catalog."C",
    name_full text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    valid_from timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text DEFAULT public.row_actor() NOT NULL,
    request_id text DEFAULT public.row_request_id() NOT NULL,
    name_key text GENERATED ALWAYS AS (public.name_key(name)) STORED NOT NULL COLLATE pg_catalog."C",
    live_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN id
    ELSE NULL::bigint
END) STORED,
    live_equipment_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN equipment_id
    ELSE NULL::bigint
END) STORED,
    live_toc_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN toc_id
    ELSE NULL::bigint
END) STORED,
    live_undo_cmd_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN undo_cmd_id
    ELSE NULL::bigint
END) STORED,
    CONSTRAINT command_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 300))),
    CONSTRAINT command_id_check CHECK ((id >= 1)),
    CONSTRAINT command_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 10))),
    CONSTRAINT command_name_full_check CHECK (((char_length(name_full) >= 1) AND (char_length(name_full) <= 150))),
    CONSTRAINT command_undo_other_check CHECK ((undo_cmd_id <> id))
);

CREATE TABLE public.command_history (
    id bigint NOT NULL,
    version integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    actor text NOT NULL,
    request_id text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT command_history_valid_check CHECK ((valid_from < valid_until))
);

ALTER TABLE public.command ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.command_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.command_toc (
    id bigint NOT NULL,
    parent_id bigint,
    parent_path public.ltree NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    name_full text COLLATE pg_catalog."C",
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    valid_from timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text DEFAULT public.row_actor() NOT NULL,
    request_id text DEFAULT public.row_request_id() NOT NULL,
    name_key text GENERATED ALWAYS AS (public.name_key(name)) STORED NOT NULL COLLATE pg_catalog."C",
    live_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN id
    ELSE NULL::bigint
END) STORED,
    live_parent_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN parent_id
    ELSE NULL::bigint
END) STORED,
    CONSTRAINT command_toc_depth_check CHECK ((public.nlevel(parent_path) <= 100)),
    CONSTRAINT command_toc_id_check CHECK ((id >= 1)),
    CONSTRAINT command_toc_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT command_toc_name_full_check CHECK (((char_length(name_full) >= 1) AND (char_length(name_full) <= 150)))
);

CREATE TABLE public.command_toc_history (
    id bigint NOT NULL,
    version integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    actor text NOT NULL,
    request_id text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT command_toc_history_valid_check CHECK ((valid_from < valid_until))
);

ALTER TABLE public.command_toc ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.command_toc_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.equipment (
    id bigint NOT NULL,
    parent_id bigint,
    parent_path public.ltree NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    name_full text NOT NULL COLLATE pg_catalog."C",
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    valid_from timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text DEFAULT public.row_actor() NOT NULL,
    request_id text DEFAULT public.row_request_id() NOT NULL,
    name_key text GENERATED ALWAYS AS (public.name_key(name)) STORED NOT NULL COLLATE pg_catalog."C",
    live_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN id
    ELSE NULL::bigint
END) STORED,
    live_parent_id bigint GENERATED ALWAYS AS (
CASE
    WHEN (archived_at IS NULL) THEN parent_id
    ELSE NULL::bigint
END) STORED,
    CONSTRAINT equipment_depth_check CHECK ((public.nlevel(parent_path) <= 100)),
    CONSTRAINT equipment_id_check CHECK ((id >= 1)),
    CONSTRAINT equipment_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 50))),
    CONSTRAINT equipment_name_full_check CHECK (((char_length(name_full) >= 1) AND (char_length(name_full) <= 150)))
);

CREATE TABLE public.equipment_history (
    id bigint NOT NULL,
    version integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    actor text NOT NULL,
    request_id text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT equipment_history_valid_check CHECK ((valid_from < valid_until))
);

ALTER TABLE public.equipment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.equipment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    slot smallint NOT NULL,
    event json NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT outbox_slot_range CHECK (((slot >= 0) AND (slot <= 15)))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='20000');
ALTER TABLE ONLY public.outbox ALTER COLUMN event SET COMPRESSION lz4;

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outbox_slot (
    slot smallint NOT NULL,
    CONSTRAINT outbox_slot_slot_range CHECK (((slot >= 0) AND (slot <= 15)))
);

CREATE TABLE public.schema_migrations (
    version character varying(128) NOT NULL
);

CREATE TABLE public.telemetry (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    name_full text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    value_validator jsonb NOT NULL,
    archived_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    valid_from timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text DEFAULT public.row_actor() NOT NULL,
    request_id text DEFAULT public.row_request_id() NOT NULL,
    name_key text GENERATED ALWAYS AS (public.name_key(name)) STORED NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT telemetry_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 300))),
    CONSTRAINT telemetry_id_check CHECK ((id >= 1)),
    CONSTRAINT telemetry_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 50))),
    CONSTRAINT telemetry_name_full_check CHECK (((char_length(name_full) >= 1) AND (char_length(name_full) <= 200))),
    CONSTRAINT telemetry_value_validator_check CHECK ((jsonb_typeof(value_validator) = 'object'::text))
);

CREATE TABLE public.telemetry_history (
    id bigint NOT NULL,
    version integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    actor text NOT NULL,
    request_id text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT telemetry_history_valid_check CHECK ((valid_from < valid_until))
);

ALTER TABLE public.telemetry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO public.cache_version VALUES (true, 0, '74941780-d3c2-4779-b9ef-149ecbddaf38', NULL);

INSERT INTO public.command VALUES (1, 1, 1, NULL, 'R105', 'Off', 'Off', '2026-11-29 12:00:00+00', 2, '2026-11-30 00:00:19.674175+00', 'db:postgres', '', DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT);

INSERT INTO public.command_history VALUES (1, 1, '2026-11-30 00:00:19.589711+00', '2026-11-30 00:00:19.674175+00', 'db:postgres', '', '{"name": "R105", "toc_id": 1, "name_full": "Off", "archived_at": null, "description": "Off", "undo_cmd_id": null, "equipment_id": 1}');

INSERT INTO public.command_toc VALUES (1, NULL, '0', 'Section', 'Full', NULL, 2, '2026-11-30 00:00:19.64039+00', 'db:postgres', '', DEFAULT, DEFAULT, DEFAULT);

INSERT INTO public.command_toc_history VALUES (1, 1, '2026-11-30 00:00:19.556428+00', '2026-11-30 00:00:19.64039+00', 'db:postgres', '', '{"name": "Section", "name_full": null, "parent_id": null, "archived_at": null}');

INSERT INTO public.equipment VALUES (2, 1, '0.1', 'Leaf', 'A leaf', NULL, 1, '2026-11-30 00:00:19.509772+00', 'db:postgres', '', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO public.equipment VALUES (1, NULL, '0', 'Trunk', 'The root', NULL, 2, '2026-11-30 00:00:19.620199+00', 'db:postgres', '', DEFAULT, DEFAULT, DEFAULT);

INSERT INTO public.equipment_history VALUES (1, 1, '2026-11-30 00:00:19.480346+00', '2026-11-30 00:00:19.620199+00', 'db:postgres', '', '{"name": "Root", "name_full": "The root", "parent_id": null, "archived_at": null}');

INSERT INTO public.outbox_slot VALUES (0);
INSERT INTO public.outbox_slot VALUES (1);
INSERT INTO public.outbox_slot VALUES (2);
INSERT INTO public.outbox_slot VALUES (3);
INSERT INTO public.outbox_slot VALUES (4);
INSERT INTO public.outbox_slot VALUES (5);
INSERT INTO public.outbox_slot VALUES (6);
INSERT INTO public.outbox_slot VALUES (7);
INSERT INTO public.outbox_slot VALUES (8);
INSERT INTO public.outbox_slot VALUES (9);
INSERT INTO public.outbox_slot VALUES (10);
INSERT INTO public.outbox_slot VALUES (11);
INSERT INTO public.outbox_slot VALUES (12);
INSERT INTO public.outbox_slot VALUES (13);
INSERT INTO public.outbox_slot VALUES (14);
INSERT INTO public.outbox_slot VALUES (15);

INSERT INTO public.schema_migrations VALUES ('20261123000001');
INSERT INTO public.schema_migrations VALUES ('20261123000002');
INSERT INTO public.schema_migrations VALUES ('20261123000100');
INSERT INTO public.schema_migrations VALUES ('20261123000101');
INSERT INTO public.schema_migrations VALUES ('20261123000102');
INSERT INTO public.schema_migrations VALUES ('20261123000103');
INSERT INTO public.schema_migrations VALUES ('20261123000104');
INSERT INTO public.schema_migrations VALUES ('20261123000105');
INSERT INTO public.schema_migrations VALUES ('20261123000106');
INSERT INTO public.schema_migrations VALUES ('20261123000110');
INSERT INTO public.schema_migrations VALUES ('20261123000120');

INSERT INTO public.telemetry VALUES (1, 'tmi1', 'Output power', 'Power', '{"type": "number"}', NULL, 2, '2026-11-30 00:00:19.726905+00', 'db:postgres', '', DEFAULT);

INSERT INTO public.telemetry_history VALUES (1, 1, '2026-11-30 00:00:19.612304+00', '2026-11-30 00:00:19.726905+00', 'db:postgres', '', '{"name": "tmi1", "name_full": "Power", "archived_at": null, "description": "Power", "value_validator": {"type": "number"}}');

SELECT pg_catalog.setval('public.command_id_seq', 1, true);

SELECT pg_catalog.setval('public.command_toc_id_seq', 1, true);

SELECT pg_catalog.setval('public.equipment_id_seq', 2, true);

SELECT pg_catalog.setval('public.outbox_id_seq', 1, false);

SELECT pg_catalog.setval('public.telemetry_id_seq', 1, true);

ALTER TABLE ONLY public.cache_lease
    ADD CONSTRAINT cache_lease_pkey PRIMARY KEY (instance);

ALTER TABLE ONLY public.cache_version
    ADD CONSTRAINT cache_version_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.command_history
    ADD CONSTRAINT command_history_pkey PRIMARY KEY (id, version);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_live_key UNIQUE (live_id);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.command_toc_history
    ADD CONSTRAINT command_toc_history_pkey PRIMARY KEY (id, version);

ALTER TABLE ONLY public.command_toc
    ADD CONSTRAINT command_toc_live_key UNIQUE (live_id);

ALTER TABLE ONLY public.command_toc
    ADD CONSTRAINT command_toc_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.equipment_history
    ADD CONSTRAINT equipment_history_pkey PRIMARY KEY (id, version);

ALTER TABLE ONLY public.equipment
    ADD CONSTRAINT equipment_live_key UNIQUE (live_id);

ALTER TABLE ONLY public.equipment
    ADD CONSTRAINT equipment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (slot, id);

ALTER TABLE ONLY public.outbox_slot
    ADD CONSTRAINT outbox_slot_pkey PRIMARY KEY (slot);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.telemetry_history
    ADD CONSTRAINT telemetry_history_pkey PRIMARY KEY (id, version);

ALTER TABLE ONLY public.telemetry
    ADD CONSTRAINT telemetry_pkey PRIMARY KEY (id);

CREATE INDEX command_live_equipment_idx ON public.command USING btree (live_equipment_id);

CREATE INDEX command_live_toc_idx ON public.command USING btree (live_toc_id);

CREATE INDEX command_live_undo_cmd_idx ON public.command USING btree (live_undo_cmd_id);

CREATE UNIQUE INDEX command_name_key ON public.command USING btree (name_key) WHERE (archived_at IS NULL);

CREATE INDEX command_order_idx ON public.command USING btree (name, id) WHERE (archived_at IS NULL);

CREATE INDEX command_toc_live_parent_idx ON public.command_toc USING btree (live_parent_id);

CREATE UNIQUE INDEX command_toc_name_key ON public.command_toc USING btree (parent_id, name_key) NULLS NOT DISTINCT WHERE (archived_at IS NULL);

CREATE INDEX command_toc_path_idx ON public.command_toc USING btree (parent_path);

CREATE INDEX equipment_live_parent_idx ON public.equipment USING btree (live_parent_id);

CREATE UNIQUE INDEX equipment_name_key ON public.equipment USING btree (name_key) WHERE (archived_at IS NULL);

CREATE INDEX equipment_path_idx ON public.equipment USING btree (parent_path);

CREATE UNIQUE INDEX telemetry_name_key ON public.telemetry USING btree (name_key) WHERE (archived_at IS NULL);

CREATE INDEX telemetry_order_idx ON public.telemetry USING btree (name, id) WHERE (archived_at IS NULL);

CREATE TRIGGER command_toc_check_new AFTER INSERT ON public.command_toc REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.tree_check_new();

CREATE TRIGGER command_toc_lock_insert BEFORE INSERT ON public.command_toc FOR EACH STATEMENT EXECUTE FUNCTION public.tree_lock_for_insert();

CREATE TRIGGER command_toc_lock_move BEFORE UPDATE OF parent_id ON public.command_toc FOR EACH STATEMENT EXECUTE FUNCTION public.tree_lock_for_move();

CREATE TRIGGER command_toc_move AFTER UPDATE OF parent_id ON public.command_toc FOR EACH ROW WHEN ((old.parent_id IS DISTINCT FROM new.parent_id)) EXECUTE FUNCTION public.tree_move();

CREATE TRIGGER command_toc_path BEFORE UPDATE OF parent_path ON public.command_toc FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND ((old.parent_path)::text IS DISTINCT FROM (new.parent_path)::text))) EXECUTE FUNCTION public.tree_path_is_derived();

CREATE TRIGGER command_toc_place BEFORE INSERT ON public.command_toc FOR EACH ROW WHEN ((new.parent_path IS NULL)) EXECUTE FUNCTION public.tree_place();

CREATE TRIGGER command_toc_version BEFORE UPDATE OF parent_id, name, name_full, archived_at ON public.command_toc FOR EACH ROW WHEN (((((old.parent_id IS DISTINCT FROM new.parent_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.name_full IS DISTINCT FROM new.name_full)) OR (old.archived_at IS DISTINCT FROM new.archived_at))) EXECUTE FUNCTION public.keep_version('parent_id', 'name', 'name_full', 'archived_at');

CREATE TRIGGER command_toc_version_delete BEFORE DELETE ON public.command_toc FOR EACH ROW EXECUTE FUNCTION public.keep_version('parent_id', 'name', 'name_full', 'archived_at');

CREATE TRIGGER command_version BEFORE UPDATE OF equipment_id, toc_id, undo_cmd_id, name, name_full, description, archived_at ON public.command FOR EACH ROW WHEN ((((((((old.equipment_id IS DISTINCT FROM new.equipment_id) OR (old.toc_id IS DISTINCT FROM new.toc_id)) OR (old.undo_cmd_id IS DISTINCT FROM new.undo_cmd_id)) OR (old.name IS DISTINCT FROM new.name)) OR (old.name_full IS DISTINCT FROM new.name_full)) OR (old.description IS DISTINCT FROM new.description)) OR (old.archived_at IS DISTINCT FROM new.archived_at))) EXECUTE FUNCTION public.keep_version('equipment_id', 'toc_id', 'undo_cmd_id', 'name', 'name_full', 'description', 'archived_at');

CREATE TRIGGER command_version_delete BEFORE DELETE ON public.command FOR EACH ROW EXECUTE FUNCTION public.keep_version('equipment_id', 'toc_id', 'undo_cmd_id', 'name', 'name_full', 'description', 'archived_at');

CREATE TRIGGER equipment_check_new AFTER INSERT ON public.equipment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.tree_check_new();

CREATE TRIGGER equipment_lock_insert BEFORE INSERT ON public.equipment FOR EACH STATEMENT EXECUTE FUNCTION public.tree_lock_for_insert();

CREATE TRIGGER equipment_lock_move BEFORE UPDATE OF parent_id ON public.equipment FOR EACH STATEMENT EXECUTE FUNCTION public.tree_lock_for_move();

CREATE TRIGGER equipment_move AFTER UPDATE OF parent_id ON public.equipment FOR EACH ROW WHEN ((old.parent_id IS DISTINCT FROM new.parent_id)) EXECUTE FUNCTION public.tree_move();

CREATE TRIGGER equipment_path BEFORE UPDATE OF parent_path ON public.equipment FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND ((old.parent_path)::text IS DISTINCT FROM (new.parent_path)::text))) EXECUTE FUNCTION public.tree_path_is_derived();

CREATE TRIGGER equipment_place BEFORE INSERT ON public.equipment FOR EACH ROW WHEN ((new.parent_path IS NULL)) EXECUTE FUNCTION public.tree_place();

CREATE TRIGGER equipment_version BEFORE UPDATE OF parent_id, name, name_full, archived_at ON public.equipment FOR EACH ROW WHEN (((((old.parent_id IS DISTINCT FROM new.parent_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.name_full IS DISTINCT FROM new.name_full)) OR (old.archived_at IS DISTINCT FROM new.archived_at))) EXECUTE FUNCTION public.keep_version('parent_id', 'name', 'name_full', 'archived_at');

CREATE TRIGGER equipment_version_delete BEFORE DELETE ON public.equipment FOR EACH ROW EXECUTE FUNCTION public.keep_version('parent_id', 'name', 'name_full', 'archived_at');

CREATE TRIGGER outbox_notify AFTER INSERT ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION public.outbox_notify();

CREATE TRIGGER telemetry_version BEFORE UPDATE OF name, name_full, description, value_validator, archived_at ON public.telemetry FOR EACH ROW WHEN ((((((old.name IS DISTINCT FROM new.name) OR (old.name_full IS DISTINCT FROM new.name_full)) OR (old.description IS DISTINCT FROM new.description)) OR (old.value_validator IS DISTINCT FROM new.value_validator)) OR (old.archived_at IS DISTINCT FROM new.archived_at))) EXECUTE FUNCTION public.keep_version('name', 'name_full', 'description', 'value_validator', 'archived_at');

CREATE TRIGGER telemetry_version_delete BEFORE DELETE ON public.telemetry FOR EACH ROW EXECUTE FUNCTION public.keep_version('name', 'name_full', 'description', 'value_validator', 'archived_at');

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_equipment_fkey FOREIGN KEY (equipment_id) REFERENCES public.equipment(id);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_live_equipment_fkey FOREIGN KEY (live_equipment_id) REFERENCES public.equipment(live_id);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_live_toc_fkey FOREIGN KEY (live_toc_id) REFERENCES public.command_toc(live_id);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_live_undo_cmd_fkey FOREIGN KEY (live_undo_cmd_id) REFERENCES public.command(live_id);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_toc_fkey FOREIGN KEY (toc_id) REFERENCES public.command_toc(id);

ALTER TABLE ONLY public.command_toc
    ADD CONSTRAINT command_toc_live_parent_fkey FOREIGN KEY (live_parent_id) REFERENCES public.command_toc(live_id);

ALTER TABLE ONLY public.command_toc
    ADD CONSTRAINT command_toc_parent_fkey FOREIGN KEY (parent_id) REFERENCES public.command_toc(id);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_undo_cmd_fkey FOREIGN KEY (undo_cmd_id) REFERENCES public.command(id);

ALTER TABLE ONLY public.equipment
    ADD CONSTRAINT equipment_live_parent_fkey FOREIGN KEY (live_parent_id) REFERENCES public.equipment(live_id);

ALTER TABLE ONLY public.equipment
    ADD CONSTRAINT equipment_parent_fkey FOREIGN KEY (parent_id) REFERENCES public.equipment(id);


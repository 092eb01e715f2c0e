-- The database auth as the migrations before the first tag left it (commit e152726), with a few rows; see upgrade_test.go.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE FUNCTION public.api_keys_count() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE api_keys_version
    SET version = greatest(version + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
    RETURN NULL;
END $$;

CREATE FUNCTION public.is_administrator_access(access bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((access & '4227858455'::bigint) = '4227858455'::bigint);

CREATE FUNCTION public.login_key(login text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (lower((NORMALIZE(login, NFKC) COLLATE "und-x-icu")) COLLATE "C");

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

CREATE FUNCTION public.require_administrator() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.roles_revoke() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.access <> OLD.access THEN
        NEW.epoch := nextval('token_epoch');
        INSERT INTO revocations (role_id, epoch) VALUES (NEW.id, NEW.epoch);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.sessions_revoke() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO revocations (session_id) VALUES (NEW.id);
    DELETE FROM refresh_tokens WHERE session_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.users_revoke() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.role_id IS DISTINCT FROM OLD.role_id OR NEW.status <> OLD.status
        OR NEW.password_changed_at <> OLD.password_changed_at OR NEW.epoch <> OLD.epoch THEN
        NEW.epoch := nextval('token_epoch');
        INSERT INTO revocations (user_id, epoch) VALUES (NEW.id, NEW.epoch);
    END IF;
    IF NEW.status <> 0 AND OLD.status = 0 THEN
        UPDATE sessions SET ended_at = clock_timestamp(),
            end_reason = CASE NEW.status WHEN 1 THEN 'blocked' ELSE 'archived' END
        WHERE user_id = NEW.id AND ended_at IS NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE TABLE public.administrator_guard (
    one_row boolean DEFAULT true NOT NULL,
    changes bigint DEFAULT 0 NOT NULL,
    CONSTRAINT administrator_guard_one_row CHECK (one_row)
);

CREATE TABLE public.api_keys (
    id uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    access bigint NOT NULL,
    cidrs cidr[] DEFAULT '{}'::cidr[] NOT NULL,
    expires_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_access_range CHECK ((access >= 0)),
    CONSTRAINT api_keys_hash_length CHECK ((octet_length(hash) = 32)),
    CONSTRAINT api_keys_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 80)))
);

CREATE TABLE public.api_keys_version (
    one_row boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT api_keys_version_one_row CHECK (one_row)
);

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

CREATE TABLE public.refresh_tokens (
    hash bytea NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    used_at timestamp with time zone,
    successor bytea,
    CONSTRAINT refresh_tokens_hash_length CHECK ((octet_length(hash) = 32)),
    CONSTRAINT refresh_tokens_used CHECK (((used_at IS NULL) = (successor IS NULL)))
);

CREATE TABLE public.revocations (
    id bigint NOT NULL,
    session_id uuid,
    user_id bigint,
    role_id text,
    epoch bigint DEFAULT 0 NOT NULL,
    until timestamp with time zone DEFAULT (clock_timestamp() + '00:16:00'::interval) NOT NULL,
    pushed_at timestamp with time zone,
    txid bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    CONSTRAINT revocations_one_target CHECK ((num_nonnulls(session_id, user_id, role_id) = 1))
);

ALTER TABLE public.revocations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.revocations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE SEQUENCE public.token_epoch
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.roles (
    id text NOT NULL,
    description text NOT NULL,
    access bigint NOT NULL,
    epoch bigint DEFAULT nextval('public.token_epoch'::regclass) NOT NULL,
    create_dt timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    update_dt timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT roles_access_range CHECK ((access >= 0)),
    CONSTRAINT roles_description_length CHECK (((char_length(description) >= 1) AND (char_length(description) <= 80))),
    CONSTRAINT roles_id_length CHECK (((char_length(id) >= 1) AND (char_length(id) <= 80)))
);

CREATE TABLE public.roles_history (
    id text NOT NULL,
    version bigint NOT NULL,
    valid tstzrange NOT NULL,
    op text NOT NULL,
    actor text NOT NULL,
    request_id text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT roles_history_op_check CHECK ((op = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text])))
);

CREATE TABLE public.schema_migrations (
    version character varying(128) NOT NULL
);

CREATE TABLE public.sessions (
    id uuid NOT NULL,
    user_id bigint NOT NULL,
    address inet,
    user_agent text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    idle_until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT sessions_end_reason_known CHECK ((end_reason = ANY (ARRAY['logout'::text, 'logout_all'::text, 'password'::text, 'blocked'::text, 'archived'::text, 'administrator'::text, 'reuse'::text]))),
    CONSTRAINT sessions_ended CHECK (((ended_at IS NULL) = (end_reason IS NULL)))
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    login text NOT NULL,
    login_key text GENERATED ALWAYS AS (public.login_key(login)) STORED NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    password_hash text NOT NULL,
    password_changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    password_change_required boolean DEFAULT false NOT NULL,
    role_id text,
    status smallint DEFAULT 0 NOT NULL,
    dark_theme boolean DEFAULT false NOT NULL,
    epoch bigint DEFAULT nextval('public.token_epoch'::regclass) NOT NULL,
    create_dt timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    update_dt timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT users_id_positive CHECK ((id > 0)),
    CONSTRAINT users_login_length CHECK (((char_length(login) >= 1) AND (char_length(login) <= 50))),
    CONSTRAINT users_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 80))),
    CONSTRAINT users_password_hash_bcrypt CHECK ((password_hash ~ '^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$'::text)),
    CONSTRAINT users_role_needed CHECK (((role_id IS NOT NULL) OR (status = '-1'::integer))),
    CONSTRAINT users_status_known CHECK ((status = ANY (ARRAY['-1'::integer, 0, 1])))
);

CREATE TABLE public.users_history (
    id bigint NOT NULL,
    version bigint NOT NULL,
    valid tstzrange NOT NULL,
    op text NOT NULL,
    actor text NOT NULL,
    request_id text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT users_history_op_check CHECK ((op = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text])))
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO public.administrator_guard VALUES (true, 0);

INSERT INTO public.api_keys_version VALUES (true, 1795996784439026);

INSERT INTO public.cache_version VALUES (true, 0, '7136eace-8d5c-4136-b54c-68c4ce498a2a', NULL);

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

INSERT INTO public.roles VALUES ('administrator', 'Administrator of the whole system', 4227858455, 1, '2026-11-30 00:00:18.841718+00', '2026-11-30 00:00:18.841718+00');
INSERT INTO public.roles VALUES ('operator', 'Operates', 67108864, 3, '2026-11-30 00:00:18.844518+00', '2026-11-30 00:00:18.844518+00');
INSERT INTO public.roles VALUES ('almost', 'One bit short', 4227858454, 4, '2026-11-30 00:00:18.844522+00', '2026-11-30 00:00:18.844522+00');
INSERT INTO public.roles VALUES ('chief', 'All named bits and one of its own', 1103739486231, 2, '2026-11-30 00:00:18.844505+00', '2026-11-30 00:00:18.844505+00');

INSERT INTO public.roles_history VALUES ('administrator', 1, '["2026-11-30 00:00:18.871608+00",)', 'insert', 'db:postgres', '', '{"id": "administrator", "access": 4227858455, "create_dt": "2026-11-30T00:00:18.841718+00:00", "update_dt": "2026-11-30T00:00:18.841718+00:00", "description": "Administrator of the whole system"}');
INSERT INTO public.roles_history VALUES ('operator', 1, '["2026-11-30 00:00:18.879178+00",)', 'insert', 'db:postgres', '', '{"id": "operator", "access": 67108864, "create_dt": "2026-11-30T00:00:18.844518+00:00", "update_dt": "2026-11-30T00:00:18.844518+00:00", "description": "Operates"}');
INSERT INTO public.roles_history VALUES ('almost', 1, '["2026-11-30 00:00:18.879186+00",)', 'insert', 'db:postgres', '', '{"id": "almost", "access": 4227858454, "create_dt": "2026-11-30T00:00:18.844522+00:00", "update_dt": "2026-11-30T00:00:18.844522+00:00", "description": "One bit short"}');
INSERT INTO public.roles_history VALUES ('chief', 1, '["2026-11-30 00:00:18.879154+00",)', 'insert', 'db:postgres', '', '{"id": "chief", "access": 1103739486231, "create_dt": "2026-11-30T00:00:18.844505+00:00", "update_dt": "2026-11-30T00:00:18.844505+00:00", "description": "All named bits and one of its own"}');

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

INSERT INTO public.users VALUES (1, 'admin_nms', DEFAULT, 'Administrator', '$2b$05$abcdefghijklmnopqrstuuct.CsqrTg2BB/j2yXstdBFnKB8RSx.q', '2026-11-30 00:00:18.88453+00', false, 'administrator', 0, false, 5, '2026-11-30 00:00:18.884534+00', '2026-11-30 00:00:18.884534+00');

INSERT INTO public.users_history VALUES (1, 1, '["2026-11-30 00:00:18.897994+00",)', 'insert', 'db:postgres', '', '{"id": 1, "name": "Administrator", "login": "admin_nms", "status": 0, "role_id": "administrator", "create_dt": "2026-11-30T00:00:18.884534+00:00", "update_dt": "2026-11-30T00:00:18.884534+00:00", "dark_theme": false, "password_changed_at": "2026-11-30T00:00:18.88453+00:00", "password_change_required": false}');

SELECT pg_catalog.setval('public.outbox_id_seq', 1, false);

SELECT pg_catalog.setval('public.revocations_id_seq', 1, false);

SELECT pg_catalog.setval('public.token_epoch', 6, true);

SELECT pg_catalog.setval('public.users_id_seq', 1, true);

ALTER TABLE ONLY public.administrator_guard
    ADD CONSTRAINT administrator_guard_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_keys_version
    ADD CONSTRAINT api_keys_version_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.cache_lease
    ADD CONSTRAINT cache_lease_pkey PRIMARY KEY (instance);

ALTER TABLE ONLY public.cache_version
    ADD CONSTRAINT cache_version_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (slot, id);

ALTER TABLE ONLY public.outbox_slot
    ADD CONSTRAINT outbox_slot_pkey PRIMARY KEY (slot);

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.revocations
    ADD CONSTRAINT revocations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.roles_history
    ADD CONSTRAINT roles_history_pkey PRIMARY KEY (id, version);

ALTER TABLE ONLY public.roles_history
    ADD CONSTRAINT roles_history_valid_excl EXCLUDE USING gist (id WITH =, valid WITH &&);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users_history
    ADD CONSTRAINT users_history_pkey PRIMARY KEY (id, version);

ALTER TABLE ONLY public.users_history
    ADD CONSTRAINT users_history_valid_excl EXCLUDE USING gist (id WITH =, valid WITH &&);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX api_keys_live_idx ON public.api_keys USING btree (created_at, id) WHERE (revoked_at IS NULL);

CREATE UNIQUE INDEX api_keys_name_live_key ON public.api_keys USING btree (public.login_key(name)) WHERE (revoked_at IS NULL);

CREATE INDEX refresh_tokens_session_idx ON public.refresh_tokens USING btree (session_id);

CREATE UNIQUE INDEX refresh_tokens_unused_key ON public.refresh_tokens USING btree (session_id) WHERE (used_at IS NULL);

CREATE INDEX revocations_txid_idx ON public.revocations USING btree (txid);

CREATE INDEX revocations_until_idx ON public.revocations USING btree (until);

CREATE INDEX revocations_waiting_idx ON public.revocations USING btree (id) WHERE (pushed_at IS NULL);

CREATE UNIQUE INDEX roles_history_open_key ON public.roles_history USING btree (id) WHERE upper_inf(valid);

CREATE INDEX sessions_address_idx ON public.sessions USING btree (user_id, last_seen_at);

CREATE INDEX sessions_expires_idx ON public.sessions USING btree (LEAST(expires_at, idle_until));

CREATE INDEX sessions_live_idx ON public.sessions USING btree (user_id, created_at) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX users_history_open_key ON public.users_history USING btree (id) WHERE upper_inf(valid);

CREATE INDEX users_login_idx ON public.users USING btree (login_key, id);

CREATE UNIQUE INDEX users_login_live_key ON public.users USING btree (login_key) WHERE (status <> '-1'::integer);

CREATE INDEX users_role_idx ON public.users USING btree (role_id);

CREATE TRIGGER api_keys_count AFTER INSERT OR DELETE OR UPDATE ON public.api_keys FOR EACH STATEMENT EXECUTE FUNCTION public.api_keys_count();

CREATE TRIGGER outbox_notify AFTER INSERT ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION public.outbox_notify();

CREATE TRIGGER roles_history_delete AFTER DELETE ON public.roles REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.nms_history('epoch');

CREATE TRIGGER roles_history_insert AFTER INSERT ON public.roles REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.nms_history('epoch');

CREATE TRIGGER roles_history_update AFTER UPDATE ON public.roles REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.nms_history('epoch');

CREATE TRIGGER roles_require_administrator AFTER UPDATE OF access ON public.roles FOR EACH ROW EXECUTE FUNCTION public.require_administrator();

CREATE TRIGGER roles_revoke BEFORE UPDATE ON public.roles FOR EACH ROW EXECUTE FUNCTION public.roles_revoke();

CREATE TRIGGER sessions_revoke AFTER UPDATE OF ended_at ON public.sessions FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION public.sessions_revoke();

CREATE TRIGGER users_history_delete AFTER DELETE ON public.users REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.nms_history('password_hash', 'epoch', 'login_key');

CREATE TRIGGER users_history_insert AFTER INSERT ON public.users REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.nms_history('password_hash', 'epoch', 'login_key');

CREATE TRIGGER users_history_update AFTER UPDATE ON public.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.nms_history('password_hash', 'epoch', 'login_key');

CREATE TRIGGER users_require_administrator AFTER DELETE OR UPDATE OF status, role_id ON public.users FOR EACH ROW EXECUTE FUNCTION public.require_administrator();

CREATE TRIGGER users_revoke BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.users_revoke();

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_role_id_fkey FOREIGN KEY (role_id) REFERENCES public.roles(id) ON DELETE SET NULL;


-- The database dwh as the migrations before the first tag left it (commit 746daf0), with a few rows; see upgrade_test.go.

CREATE FUNCTION public.outbox_notify() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END $$;

CREATE FUNCTION public.trace_partition_ensure(moment timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    day  timestamp := date_trunc('day', moment AT TIME ZONE 'UTC');
    part text      := 'trace_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF trace_partition_attached(part) THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('trace_partition'));
    IF trace_partition_attached(part) THEN
        RETURN false;
    END IF;
    IF to_regclass(quote_ident(part)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE trace INCLUDING ALL)', part);
        -- Rows of up to a page stay whole. Cut into TOAST chunks, a trace of 1,000 points would cost two
        -- more rows and index entries.
        EXECUTE format('ALTER TABLE %I SET (toast_tuple_target = 8160)', part);
    END IF;
    EXECUTE format('ALTER TABLE trace ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part,
        day AT TIME ZONE 'UTC', (day + interval '1 day') AT TIME ZONE 'UTC');
    RETURN true;
END $$;

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
    version character varying NOT NULL
);

CREATE TABLE public.signal (
    guid uuid NOT NULL,
    trace_guid uuid NOT NULL,
    start_freq_hz bigint NOT NULL,
    stop_freq_hz bigint NOT NULL,
    f0_freq_hz bigint NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT signal_band CHECK (((f0_freq_hz >= start_freq_hz) AND (f0_freq_hz <= stop_freq_hz)))
);

CREATE TABLE public.trace (
    measured_at timestamp with time zone NOT NULL,
    guid uuid NOT NULL,
    start_freq_hz bigint NOT NULL,
    stop_freq_hz bigint NOT NULL,
    step_freq_hz bigint NOT NULL,
    noise_dbm double precision NOT NULL,
    lat double precision NOT NULL,
    lng double precision NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    power bytea NOT NULL,
    CONSTRAINT trace_axis CHECK (((step_freq_hz > 0) AND (stop_freq_hz >= start_freq_hz) AND (((stop_freq_hz - start_freq_hz) % step_freq_hz) = 0) AND (octet_length(power) = (2 * (((stop_freq_hz - start_freq_hz) / step_freq_hz) + 1)))))
)
PARTITION BY RANGE (measured_at);
ALTER TABLE ONLY public.trace ALTER COLUMN power SET STORAGE EXTERNAL;

CREATE FUNCTION public.trace_partition_attached(part text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT 1 FROM pg_inherits
                   WHERE inhparent = 'trace'::regclass AND inhrelid = to_regclass(quote_ident(part)));
$$;

CREATE TABLE public.trace_20261129 (
    measured_at timestamp with time zone NOT NULL,
    guid uuid NOT NULL,
    start_freq_hz bigint NOT NULL,
    stop_freq_hz bigint NOT NULL,
    step_freq_hz bigint NOT NULL,
    noise_dbm double precision NOT NULL,
    lat double precision NOT NULL,
    lng double precision NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    power bytea NOT NULL,
    CONSTRAINT trace_axis CHECK (((step_freq_hz > 0) AND (stop_freq_hz >= start_freq_hz) AND (((stop_freq_hz - start_freq_hz) % step_freq_hz) = 0) AND (octet_length(power) = (2 * (((stop_freq_hz - start_freq_hz) / step_freq_hz) + 1)))))
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.trace_20261129 ALTER COLUMN power SET STORAGE EXTERNAL;

CREATE TABLE public.trace_key (
    guid uuid NOT NULL,
    measured_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.trace ATTACH PARTITION public.trace_20261129 FOR VALUES FROM ('2026-11-29 00:00:00+00') TO ('2026-11-30 00:00:00+00');

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
INSERT INTO public.schema_migrations VALUES ('20261123000100');

INSERT INTO public.signal VALUES ('0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e61', '0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f', 100000000, 100000100, 100000050, '2026-11-29 12:00:02+00');

INSERT INTO public.trace_20261129 VALUES ('2026-11-29 12:00:00+00', '0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f', 100000000, 100000200, 100, -101.5, 55.75, 37.62, '2026-11-29 12:00:00.5+00', '\x9ce2c0e00000');
INSERT INTO public.trace_20261129 VALUES ('2026-11-29 12:00:01+00', '0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e60', -1000000000000000, -1000000000000000, 1, 0, 0, 0, '2026-11-29 12:00:01.5+00', '\xff7f');

INSERT INTO public.trace_key VALUES ('0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f', '2026-11-29 12:00:00+00');
INSERT INTO public.trace_key VALUES ('0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e60', '2026-11-29 12:00:01+00');

SELECT pg_catalog.setval('public.outbox_id_seq', 1, false);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (slot, id);

ALTER TABLE ONLY public.outbox_slot
    ADD CONSTRAINT outbox_slot_pkey PRIMARY KEY (slot);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.signal
    ADD CONSTRAINT signal_pkey PRIMARY KEY (guid);

ALTER TABLE ONLY public.trace_key
    ADD CONSTRAINT trace_key_pkey PRIMARY KEY (guid);

CREATE INDEX signal_received_at_brin ON public.signal USING brin (received_at) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX signal_trace ON public.signal USING btree (trace_guid, start_freq_hz, guid);

CREATE INDEX trace_search ON ONLY public.trace USING btree (measured_at, guid, start_freq_hz, stop_freq_hz, lat, lng);

CREATE INDEX trace_20261129_measured_at_guid_start_freq_hz_stop_freq_hz__idx ON public.trace_20261129 USING btree (measured_at, guid, start_freq_hz, stop_freq_hz, lat, lng);

CREATE INDEX trace_key_measured_at_brin ON public.trace_key USING brin (measured_at) WITH (pages_per_range='32', autosummarize='on');

ALTER INDEX public.trace_search ATTACH PARTITION public.trace_20261129_measured_at_guid_start_freq_hz_stop_freq_hz__idx;

CREATE TRIGGER outbox_notify AFTER INSERT ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION public.outbox_notify();


-- migrate:up

-- Radio spectra, and the signals found in them.
--
-- A trace's guid is unique for ever, but a partitioned table can only enforce uniqueness together with its
-- partition key. trace_key therefore holds every guid once, with the time that leads to its partition:
-- whoever inserts the key first owns the guid, whatever partition, instance or transaction is concerned,
-- and a trace is found by its guid in two index probes.
CREATE TABLE trace_key (
    guid        uuid        NOT NULL,
    measured_at timestamptz NOT NULL,
    CONSTRAINT trace_key_pkey PRIMARY KEY (guid)
);
-- Retention removes keys by time. They are inserted in nearly that order, so a block range index does.
CREATE INDEX trace_key_measured_at_brin ON trace_key USING brin (measured_at) WITH (pages_per_range = 32, autosummarize = on);

-- power: little-endian int16 hundredths of a dBm, value i at start_freq_hz + i · step_freq_hz.
CREATE TABLE trace (
    measured_at   timestamptz      NOT NULL,
    guid          uuid             NOT NULL,
    start_freq_hz bigint           NOT NULL,
    stop_freq_hz  bigint           NOT NULL,
    step_freq_hz  bigint           NOT NULL,
    noise_dbm     double precision NOT NULL,
    lat           double precision NOT NULL,
    lng           double precision NOT NULL,
    received_at   timestamptz      NOT NULL DEFAULT now(),
    power         bytea            NOT NULL,
    CONSTRAINT trace_axis CHECK (
        step_freq_hz > 0 AND stop_freq_hz >= start_freq_hz
        AND (stop_freq_hz - start_freq_hz) % step_freq_hz = 0
        AND octet_length(power) = 2 * ((stop_freq_hz - start_freq_hz) / step_freq_hz + 1))
) PARTITION BY RANGE (measured_at);
-- Noise does not compress: lz4 and pglz cost time and save nothing, see docs/adr/0010.
ALTER TABLE trace ALTER COLUMN power SET STORAGE EXTERNAL;

-- The one index of a trace. Its first two columns are the order of every list; the others are there so that
-- frequency and place are tested in the index, without a visit to the (wide) row.
CREATE INDEX trace_search ON trace (measured_at, guid, start_freq_hz, stop_freq_hz, lat, lng);

-- A signal may arrive before its trace, so trace_guid is no foreign key: the two are linked from the moment
-- both are there.
CREATE TABLE signal (
    guid          uuid        NOT NULL,
    trace_guid    uuid        NOT NULL,
    start_freq_hz bigint      NOT NULL,
    stop_freq_hz  bigint      NOT NULL,
    f0_freq_hz    bigint      NOT NULL,
    received_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT signal_pkey PRIMARY KEY (guid),
    CONSTRAINT signal_band CHECK (f0_freq_hz BETWEEN start_freq_hz AND stop_freq_hz)
);
CREATE INDEX signal_trace ON signal (trace_guid, start_freq_hz, guid);
CREATE INDEX signal_received_at_brin ON signal USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on);

-- trace_partition_ensure makes the partition of the UTC day that holds the moment, unless it is there. It
-- builds the table apart and attaches it, which, unlike CREATE TABLE … PARTITION OF, lets readers and
-- writers of the other partitions go on. True: it was made now.
CREATE FUNCTION trace_partition_ensure(moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
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

CREATE FUNCTION trace_partition_attached(part text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM pg_inherits
                   WHERE inhparent = 'trace'::regclass AND inhrelid = to_regclass(quote_ident(part)));
$$;

-- migrate:down

DROP TABLE signal;
DROP TABLE trace;
DROP TABLE trace_key;
DROP FUNCTION trace_partition_ensure(timestamptz);
DROP FUNCTION trace_partition_attached(text);

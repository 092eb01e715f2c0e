-- migrate:up

-- What all sweeps of one receiver on one grid measured within a minute or an hour, docs/adr/0032. Rows of an hour are made of
-- those of its minutes, rows of a minute of its traces; inbox does it in the background.
--
-- Value i lies at start_freq_hz + i · (stop_freq_hz − start_freq_hz) / (points − 1), as in trace.
-- highest, lowest: little-endian int16 hundredths of the unit, −32768 where no sweep has a value.
-- total_mw: little-endian float64, the sum of 10^(value/10) over all sweeps.
-- number:   little-endian uint32, the sweeps that have the value; empty when all have every value.
-- cells:    for each value with a number above 0, how many sweeps lie in (k − 1, k] dB, as unsigned varints for every whole k from that of
--           its lowest to that of its highest.
CREATE TABLE rollup (
    id            bigint           NOT NULL GENERATED ALWAYS AS IDENTITY,
    width_s       integer          NOT NULL,
    begins_at     timestamptz      NOT NULL,
    source        text             COLLATE "C",
    equipment_id  bigint,
    start_freq_hz double precision NOT NULL,
    stop_freq_hz  double precision NOT NULL,
    points        integer          NOT NULL,
    unit          text             NOT NULL,
    sweeps        bigint           NOT NULL,
    first_at      timestamptz      NOT NULL,
    last_at       timestamptz      NOT NULL,
    south         double precision NOT NULL,
    west          double precision NOT NULL,
    north         double precision NOT NULL,
    east          double precision NOT NULL,
    highest       bytea            NOT NULL,
    lowest        bytea            NOT NULL,
    total_mw      bytea            NOT NULL,
    number        bytea            NOT NULL,
    cells         bytea            COMPRESSION lz4 NOT NULL,
    CONSTRAINT rollup_pkey PRIMARY KEY (width_s, begins_at, id),
    -- A sweep that counts twice would be seen nowhere else.
    CONSTRAINT rollup_key UNIQUE NULLS NOT DISTINCT (width_s, begins_at, source, equipment_id, start_freq_hz, stop_freq_hz, points, unit),
    CONSTRAINT rollup_width CHECK (width_s IN (60, 3600)),
    CONSTRAINT rollup_arrays CHECK (
        points > 0 AND sweeps > 0 AND octet_length(highest) = 2 * points AND octet_length(lowest) = 2 * points
        AND octet_length(total_mw) = 8 * points AND octet_length(number) IN (0, 4 * points))
) WITH (toast_tuple_target = 8160); -- highest and lowest, which most answers read, stay in the row as long as they fit
ALTER TABLE rollup
    ALTER COLUMN highest SET STORAGE EXTERNAL, -- noise does not compress, docs/adr/0010
    ALTER COLUMN lowest SET STORAGE EXTERNAL,
    ALTER COLUMN total_mw SET STORAGE EXTERNAL,
    ALTER COLUMN number SET STORAGE EXTERNAL;

-- The minutes and hours whose rows of rollup do not hold what is stored. Whoever changes traces adds a row in the same transaction, and
-- never waits for another: there is nothing to conflict with. Who brings a minute up to date removes the rows that it saw, so that the row of
-- a transaction that was still open stays for the next time.
CREATE TABLE rollup_dirty (
    id        bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    width_s   integer     NOT NULL,
    begins_at timestamptz NOT NULL,
    CONSTRAINT rollup_dirty_pkey PRIMARY KEY (width_s, begins_at, id),
    CONSTRAINT rollup_dirty_width CHECK (width_s IN (60, 3600))
) WITH (
    -- A queue, as outbox is.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 20000
);

CREATE FUNCTION rollup_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollup_dirty (width_s, begins_at) VALUES (60, date_bin('1 minute', OLD.measured_at, timestamptz 'epoch'));
    RETURN NULL;
END $$;

-- A partition that retention takes away deletes no row: what was measured stays in the hours.
CREATE TRIGGER rollup_mark AFTER DELETE ON trace FOR EACH ROW EXECUTE FUNCTION rollup_mark();

-- rollup_traces_kept tells whether the traces of a moment are kept, not dropped by retention. True after a statement that read them:
-- it saw them all. Statements leave a partition out as soon as its DETACH begins.
CREATE FUNCTION rollup_traces_kept(moment timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM pg_inherits
                   WHERE inhparent = 'trace'::regclass AND NOT inhdetachpending
                       AND inhrelid = to_regclass('trace_' || to_char(moment AT TIME ZONE 'UTC', 'YYYYMMDD')));
$$;

-- rollup_rebuild has the rollups of [since, until) made anew from the traces that are kept, and returns the number of minutes. What was
-- measured before the day of the oldest trace stays as it is.
CREATE FUNCTION rollup_rebuild(since timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    marked bigint;
BEGIN
    INSERT INTO rollup_dirty (width_s, begins_at)
    SELECT 60, date_bin('1 minute', measured_at, timestamptz 'epoch') AS minute FROM trace WHERE measured_at >= since AND measured_at < until GROUP BY minute
    UNION
    SELECT 60, begins_at FROM rollup WHERE begins_at >= since AND begins_at < until
        AND begins_at >= (SELECT date_bin('1 day', min(measured_at), timestamptz 'epoch') FROM trace);
    GET DIAGNOSTICS marked = ROW_COUNT;
    RETURN marked;
END $$;

SELECT rollup_rebuild();

-- migrate:down

DROP TRIGGER rollup_mark ON trace;
DROP FUNCTION rollup_mark();
DROP FUNCTION rollup_traces_kept(timestamptz);
DROP FUNCTION rollup_rebuild(timestamptz, timestamptz);
DROP TABLE rollup_dirty;
DROP TABLE rollup;

-- migrate:up

-- Values of telemetry parameters, docs/adr/0037. Equipment and parameters are rows of the database nms, by their ids; no
-- foreign key reaches there.
--
-- A frame is the values of one piece of equipment at one moment. frame_def says which parameters its values are of, in their order.
CREATE TABLE frame_def (
    id     integer  NOT NULL GENERATED ALWAYS AS IDENTITY,
    params bigint[] NOT NULL,
    CONSTRAINT frame_def_pkey PRIMARY KEY (id),
    CONSTRAINT frame_def_params_key UNIQUE (params),
    -- A frame's row stays within a page, and the key within an index entry.
    CONSTRAINT frame_def_params_check CHECK (cardinality(params) BETWEEN 1 AND 200)
);

-- value:   NaN where there is no number.
-- quality: a byte per value, NULL when all are good numbers. Bits 0 to 2: 0 good, 1 uncertain, 2 bad, 3 invalid (refused by
--          the catalogue's validator). Bit 4: the value itself is in text_value, a text, a truth value or a number that float8 cannot hold.
-- xid:     the transaction that wrote it, so that two snapshots tell what was committed between them.
CREATE TABLE frame (
    equipment   bigint             NOT NULL,
    at          timestamptz        NOT NULL,
    received_at timestamptz        NOT NULL DEFAULT now(),
    xid         xid8               NOT NULL DEFAULT pg_current_xact_id(),
    frame       integer            NOT NULL,
    value       double precision[] NOT NULL,
    quality     bytea,
    CONSTRAINT frame_pkey PRIMARY KEY (equipment, frame, at),
    CONSTRAINT frame_quality_check CHECK (octet_length(quality) = cardinality(value))
) PARTITION BY RANGE (at);
-- What was received lately. Rows are inserted in nearly that order, so a block range index does.
CREATE INDEX frame_received_at_brin ON frame USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on);

-- The newest frame of each piece of equipment and definition. Every frame that comes writes its row anew, in its page.
CREATE TABLE latest (
    equipment   bigint             NOT NULL,
    at          timestamptz        NOT NULL,
    received_at timestamptz        NOT NULL DEFAULT now(),
    xid         xid8               NOT NULL DEFAULT pg_current_xact_id(),
    frame       integer            NOT NULL,
    value       double precision[] NOT NULL,
    quality     bytea,
    CONSTRAINT latest_pkey PRIMARY KEY (equipment, frame),
    CONSTRAINT latest_frame_fkey FOREIGN KEY (frame) REFERENCES frame_def (id)
) WITH (fillfactor = 50);

-- Values that are no numbers of float8, a row when they change: the value at a moment is that of the last row until then.
CREATE TABLE text_value (
    equipment bigint      NOT NULL,
    param     bigint      NOT NULL,
    at        timestamptz NOT NULL,
    value     jsonb       NOT NULL,
    CONSTRAINT text_value_pkey PRIMARY KEY (equipment, param, at),
    CONSTRAINT text_value_value_check CHECK (jsonb_typeof(value) IN ('string', 'number', 'boolean'))
);

-- text_value_put writes the values that differ from the one before, in the order of their times. One transaction at a time writes those
-- of a piece of equipment, so that each sees the one before it. Behind a value that comes late, the one before it stands again from the next frame on
-- that was there already and says such a value: its own was left out because it was equal to that one. (The frames of this transaction have their turn.)
CREATE FUNCTION text_value_put(equipments bigint[], params bigint[], ats timestamptz[], vals jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    slot   bigint;
    item   record;
    before jsonb;
    again  timestamptz;
BEGIN
    FOR slot IN SELECT DISTINCT e % 64 AS s FROM unnest(equipments) AS e ORDER BY s LOOP
        PERFORM pg_advisory_xact_lock(hashtext('text_value'), slot::integer);
    END LOOP;
    FOR item IN SELECT * FROM unnest(equipments, params, ats, vals) AS u (equipment, param, at, value) ORDER BY at LOOP
        SELECT t.value INTO before FROM text_value t
        WHERE t.equipment = item.equipment AND t.param = item.param AND t.at <= item.at ORDER BY t.at DESC LIMIT 1;
        CONTINUE WHEN before IS NOT DISTINCT FROM item.value;
        INSERT INTO text_value (equipment, param, at, value) VALUES (item.equipment, item.param, item.at, item.value)
        ON CONFLICT ON CONSTRAINT text_value_pkey DO NOTHING;
        CONTINUE WHEN before IS NULL;
        SELECT n.at INTO again FROM latest l JOIN frame_def d ON d.id = l.frame
        CROSS JOIN LATERAL (
            SELECT f.at FROM frame f
            WHERE f.equipment = l.equipment AND f.frame = l.frame AND f.at > item.at AND f.xid <> pg_current_xact_id()
              AND get_byte(f.quality, array_position(d.params, item.param) - 1) & 16 <> 0
            ORDER BY f.at LIMIT 1) n
        WHERE l.equipment = item.equipment AND l.at > item.at AND d.params @> ARRAY[item.param]
        ORDER BY n.at LIMIT 1;
        IF FOUND THEN
            INSERT INTO text_value (equipment, param, at, value) VALUES (item.equipment, item.param, again, before)
            ON CONFLICT ON CONSTRAINT text_value_pkey DO NOTHING;
        END IF;
    END LOOP;
END $$;

-- Values rolled up over 5 minutes and over an hour, an element per parameter of the definition.
-- n: good and uncertain values; bad: the others; vmin, vmax: NULL where n is 0; vsum: 0 there.
CREATE TABLE rollup_5m (
    equipment bigint             NOT NULL,
    bucket    timestamptz        NOT NULL,
    frame     integer            NOT NULL,
    n         integer[]          NOT NULL,
    bad       integer[]          NOT NULL,
    vmin      double precision[] NOT NULL,
    vmax      double precision[] NOT NULL,
    vsum      double precision[] NOT NULL,
    CONSTRAINT rollup_5m_pkey PRIMARY KEY (equipment, frame, bucket),
    CONSTRAINT rollup_5m_arrays CHECK (cardinality(bad) = cardinality(n) AND cardinality(vmin) = cardinality(n)
        AND cardinality(vmax) = cardinality(n) AND cardinality(vsum) = cardinality(n))
) PARTITION BY RANGE (bucket);
CREATE TABLE rollup_1h (
    equipment bigint             NOT NULL,
    bucket    timestamptz        NOT NULL,
    frame     integer            NOT NULL,
    n         integer[]          NOT NULL,
    bad       integer[]          NOT NULL,
    vmin      double precision[] NOT NULL,
    vmax      double precision[] NOT NULL,
    vsum      double precision[] NOT NULL,
    CONSTRAINT rollup_1h_pkey PRIMARY KEY (equipment, frame, bucket),
    CONSTRAINT rollup_1h_arrays CHECK (cardinality(bad) = cardinality(n) AND cardinality(vmin) = cardinality(n)
        AND cardinality(vmax) = cardinality(n) AND cardinality(vsum) = cardinality(n))
) PARTITION BY RANGE (bucket);

-- The buckets whose rollups do not hold what is stored, with the frames that are concerned. Whoever stores frames adds a row per bucket in
-- the same transaction and never waits for another; who brings a bucket up to date removes the rows that it saw (docs/adr/0032).
CREATE TABLE frame_dirty (
    id         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    width_s    integer     NOT NULL,
    bucket     timestamptz NOT NULL,
    equipments bigint[]    NOT NULL,
    frames     integer[]   NOT NULL,
    CONSTRAINT frame_dirty_pkey PRIMARY KEY (width_s, bucket, id),
    CONSTRAINT frame_dirty_width CHECK (width_s IN (300, 3600)),
    CONSTRAINT frame_dirty_arrays CHECK (cardinality(equipments) = cardinality(frames))
) WITH (
    -- A queue, as outbox is.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 20000
);

-- frame_partition_name is the partition of a moment: frame has one a day, rollup_5m one a month, rollup_1h one a year, all in UTC.
CREATE FUNCTION frame_partition_name(parent text, moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT parent || '_' || to_char(moment AT TIME ZONE 'UTC', CASE parent WHEN 'frame' THEN 'YYYYMMDD' WHEN 'rollup_5m' THEN 'YYYYMM' ELSE 'YYYY' END);
$$;

CREATE FUNCTION frame_partition_attached(parent text, part text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = to_regclass(quote_ident(parent)) AND NOT inhdetachpending
                   AND inhrelid = to_regclass(quote_ident(part)));
$$;

-- frame_partition_ensure makes the partition of a moment unless it is there, apart and then attached, so that readers and writers of
-- the others go on. True: it was made now.
CREATE FUNCTION frame_partition_ensure(parent text, moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    part  text      := frame_partition_name(parent, moment);
    unit  text      := CASE parent WHEN 'frame' THEN 'day' WHEN 'rollup_5m' THEN 'month' ELSE 'year' END;
    first timestamp := date_trunc(unit, moment AT TIME ZONE 'UTC');
BEGIN
    IF frame_partition_attached(parent, part) THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('frame_partition'));
    IF frame_partition_attached(parent, part) THEN
        RETURN false;
    END IF;
    IF to_regclass(quote_ident(part)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
    END IF;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part,
        first AT TIME ZONE 'UTC', (first + ('1 ' || unit)::interval) AT TIME ZONE 'UTC');
    RETURN true;
END $$;

-- frame_day_copy copies the frames of a day into a table of their own, in the order of the primary key, without holding up anybody. It returns
-- the snapshot that it copied.
CREATE FUNCTION frame_day_copy(moment timestamptz) RETURNS pg_snapshot LANGUAGE plpgsql AS $$
DECLARE
    part text := frame_partition_name('frame', moment);
    seen pg_snapshot;
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I', part || '_sorted');
    EXECUTE format('CREATE TABLE %I (LIKE frame)', part || '_sorted');
    -- One statement, one snapshot.
    EXECUTE format('WITH seen AS MATERIALIZED (SELECT pg_current_snapshot() AS s),
        copied AS (INSERT INTO %I SELECT * FROM %I ORDER BY equipment, frame, at)
        SELECT s FROM seen', part || '_sorted', part) INTO seen;
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (equipment, frame, at)', part || '_sorted');
    RETURN seen;
END $$;

-- frame_day_swap puts the sorted copy in the place of a day's partition, after the frames that came meanwhile. It takes the table for
-- itself for as long: milliseconds, since only what was received from ten minutes before the copy on can have come meanwhile.
CREATE FUNCTION frame_day_swap(moment timestamptz, seen pg_snapshot, copied_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part   text      := frame_partition_name('frame', moment);
    sorted text      := frame_partition_name('frame', moment) || '_sorted';
    first  timestamp := date_trunc('day', moment AT TIME ZONE 'UTC');
    since  timestamptz := first AT TIME ZONE 'UTC';
    until  timestamptz := (first + interval '1 day') AT TIME ZONE 'UTC';
BEGIN
    -- The index and the check are there before anybody has to wait.
    EXECUTE format('CREATE INDEX ON %I USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on)', sorted);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT frame_quality_check CHECK (octet_length(quality) = cardinality(value)),
        ALTER COLUMN received_at SET DEFAULT now(), ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
        ADD CONSTRAINT day CHECK (at >= %L AND at < %L)', sorted, since, until);
    PERFORM pg_advisory_xact_lock(hashtext('frame_partition'));
    LOCK TABLE ONLY frame IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE received_at >= %L AND NOT pg_visible_in_snapshot(xid, %L)',
        sorted, part, copied_at - interval '10 minutes', seen);
    EXECUTE format('ALTER TABLE frame DETACH PARTITION %I', part);
    EXECUTE format('DROP TABLE %I', part);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', sorted, part);
    EXECUTE format('ALTER TABLE frame ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, since, until);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT day', part);
    EXECUTE format('COMMENT ON TABLE %I IS %L', part, 'sorted');
END $$;

-- migrate:down

DROP FUNCTION frame_day_swap(timestamptz, pg_snapshot, timestamptz);
DROP FUNCTION frame_day_copy(timestamptz);
DROP FUNCTION text_value_put(bigint[], bigint[], timestamptz[], jsonb[]);
DROP TABLE frame_dirty;
DROP TABLE rollup_1h;
DROP TABLE rollup_5m;
DROP TABLE text_value;
DROP TABLE latest;
DROP TABLE frame;
DROP TABLE frame_def;
DROP FUNCTION frame_partition_ensure(text, timestamptz);
DROP FUNCTION frame_partition_attached(text, text);
DROP FUNCTION frame_partition_name(text, timestamptz);

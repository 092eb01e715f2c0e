-- migrate:up

-- Frequencies with decimals, missing values, and what the receiver knows of its measurement. The tables of
-- traces and signals are written anew: an installation with many traces stands still for as long.
--
-- power: value i lies at start_freq_hz + i · (stop_freq_hz − start_freq_hz) / (number of values − 1); −32768 is a
-- value that the receiver does not have. step_freq_hz is the nominal step, exact to half a step at the end.
ALTER TABLE trace DROP CONSTRAINT trace_axis;
ALTER TABLE trace
    ALTER COLUMN start_freq_hz TYPE double precision,
    ALTER COLUMN stop_freq_hz TYPE double precision,
    ALTER COLUMN step_freq_hz TYPE double precision,
    ADD COLUMN alt_m double precision,
    ADD COLUMN source text COLLATE "C",
    ADD COLUMN equipment_id bigint,
    ADD COLUMN rbw_hz double precision,
    ADD COLUMN enbw_hz double precision,
    ADD COLUMN unit text,
    ADD COLUMN detector text,
    ADD COLUMN trace_mode text,
    ADD COLUMN sweep_time_s double precision,
    ADD COLUMN attenuation_db double precision,
    ADD COLUMN gain_db double precision,
    ADD COLUMN antenna text,
    ADD COLUMN azimuth_deg double precision,
    ADD COLUMN overload boolean,
    -- json and not jsonb: it is given back as it was sent, whatever it holds.
    ADD COLUMN meta json,
    -- The exact rule is that of the services; this one keeps out what no reader could lay out.
    ADD CONSTRAINT trace_axis CHECK (
        step_freq_hz > 0 AND stop_freq_hz >= start_freq_hz AND octet_length(power) >= 2 AND octet_length(power) % 2 = 0
        AND abs(start_freq_hz + step_freq_hz * (octet_length(power) / 2 - 1) - stop_freq_hz) < step_freq_hz);

-- Two more orders of the list, for one receiver; whoever sends neither name nor id pays nothing for them.
CREATE INDEX trace_source ON trace (source, measured_at, guid, start_freq_hz, stop_freq_hz, lat, lng) WHERE source IS NOT NULL;
CREATE INDEX trace_equipment ON trace (equipment_id, measured_at, guid, start_freq_hz, stop_freq_hz, lat, lng)
    WHERE equipment_id IS NOT NULL;

ALTER TABLE signal
    ALTER COLUMN start_freq_hz TYPE double precision,
    ALTER COLUMN stop_freq_hz TYPE double precision,
    ALTER COLUMN f0_freq_hz TYPE double precision;

-- migrate:down

-- It fails where a frequency or a step is not whole: such a trace has no place in the older tables.
ALTER TABLE signal
    ALTER COLUMN start_freq_hz TYPE bigint,
    ALTER COLUMN stop_freq_hz TYPE bigint,
    ALTER COLUMN f0_freq_hz TYPE bigint;

DROP INDEX trace_equipment;
DROP INDEX trace_source;
ALTER TABLE trace DROP CONSTRAINT trace_axis;
ALTER TABLE trace
    ALTER COLUMN start_freq_hz TYPE bigint,
    ALTER COLUMN stop_freq_hz TYPE bigint,
    ALTER COLUMN step_freq_hz TYPE bigint,
    DROP COLUMN alt_m,
    DROP COLUMN source,
    DROP COLUMN equipment_id,
    DROP COLUMN rbw_hz,
    DROP COLUMN enbw_hz,
    DROP COLUMN unit,
    DROP COLUMN detector,
    DROP COLUMN trace_mode,
    DROP COLUMN sweep_time_s,
    DROP COLUMN attenuation_db,
    DROP COLUMN gain_db,
    DROP COLUMN antenna,
    DROP COLUMN azimuth_deg,
    DROP COLUMN overload,
    DROP COLUMN meta,
    ADD CONSTRAINT trace_axis CHECK (
        step_freq_hz > 0 AND stop_freq_hz >= start_freq_hz
        AND (stop_freq_hz - start_freq_hz) % step_freq_hz = 0
        AND octet_length(power) = 2 * ((stop_freq_hz - start_freq_hz) / step_freq_hz + 1));

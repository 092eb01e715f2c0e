-- migrate:up

-- A withdrawn trace is gone from the table trace, but its guid stays taken for as long as its key is kept.
ALTER TABLE trace_key ADD COLUMN withdrawn_at timestamptz;

-- measured_at is that of the signal's trace, NULL until the trace is there: the list of signals is in its order, and it
-- leads to the trace. Written anew, the table stands still for as long.
ALTER TABLE signal ADD COLUMN measured_at timestamptz;
UPDATE signal s SET measured_at = k.measured_at FROM trace_key k WHERE k.guid = s.trace_guid;

-- Its first two columns are the order of the list; the band is tested in the index, without a visit to the row.
CREATE INDEX signal_search ON signal (measured_at, guid, start_freq_hz, stop_freq_hz) WHERE measured_at IS NOT NULL;

-- The signals that wait for their trace. There are few of them: every transaction that stores traces looks here.
CREATE INDEX signal_waiting ON signal (trace_guid) WHERE measured_at IS NULL;
CREATE INDEX signal_waiting_since ON signal (received_at) WHERE measured_at IS NULL;

-- migrate:down

DROP INDEX signal_waiting_since;
DROP INDEX signal_waiting;
DROP INDEX signal_search;
ALTER TABLE signal DROP COLUMN measured_at;
ALTER TABLE trace_key DROP COLUMN withdrawn_at;

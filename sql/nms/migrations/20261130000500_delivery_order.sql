-- migrate:up

-- first_due_at: when it was due first, whatever became of it since; null before it was attempted.
ALTER TABLE delivery ADD COLUMN first_due_at timestamptz;
CREATE INDEX alarm_notice_alarm_idx ON alarm_notice (alarm_id);

-- migrate:down

DROP INDEX alarm_notice_alarm_idx;
ALTER TABLE delivery DROP COLUMN first_due_at;

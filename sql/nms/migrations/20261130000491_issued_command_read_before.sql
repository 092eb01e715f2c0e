-- migrate:up

-- What the verifiers look at, as it was before the command was sent: NULL when it could not be read. Only what was another value
-- then shows that a command of unknown outcome was executed.
ALTER TABLE issued_command ADD COLUMN read_before jsonb;

-- migrate:down

ALTER TABLE issued_command DROP COLUMN read_before;

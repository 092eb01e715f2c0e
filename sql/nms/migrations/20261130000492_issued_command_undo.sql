-- migrate:up

-- A command is undone once, unless the undo ended without effect.
CREATE UNIQUE INDEX issued_command_undo_key ON issued_command (undo_of)
    WHERE undo_of IS NOT NULL AND state NOT IN ('failed', 'rejected', 'cancelled', 'expired');
-- All that undo a command, for the foreign key and for its removal.
CREATE INDEX issued_command_undo_of_idx ON issued_command (undo_of) WHERE undo_of IS NOT NULL;

-- migrate:down

DROP INDEX issued_command_undo_of_idx;
DROP INDEX issued_command_undo_key;

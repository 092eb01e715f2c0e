-- migrate:up

-- Counts upwards over all users and roles. A token carries the epochs of its user and its role; a change
-- that makes older tokens worthless draws the next number. One sequence for all, so that a role made
-- again under the id of a deleted one begins above it.
CREATE SEQUENCE token_epoch AS bigint;

CREATE TABLE roles (
    id          text        NOT NULL,
    description text        NOT NULL,
    access      bigint      NOT NULL,
    epoch       bigint      NOT NULL DEFAULT nextval('token_epoch'),
    create_dt   timestamptz NOT NULL DEFAULT clock_timestamp(),
    update_dt   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT roles_pkey PRIMARY KEY (id),
    CONSTRAINT roles_id_length CHECK (char_length(id) BETWEEN 1 AND 80),
    CONSTRAINT roles_description_length CHECK (char_length(description) BETWEEN 1 AND 80),
    -- 63 bits: the sign would not survive a JSON number of other languages.
    CONSTRAINT roles_access_range CHECK (access >= 0)
);

CREATE TABLE roles_history (
    id         text      NOT NULL,
    version    bigint    NOT NULL,
    valid      tstzrange NOT NULL,
    op         text      NOT NULL,
    actor      text      NOT NULL,
    request_id text      NOT NULL,
    snapshot   jsonb     NOT NULL,
    CONSTRAINT roles_history_pkey PRIMARY KEY (id, version),
    CONSTRAINT roles_history_valid_excl EXCLUDE USING gist (id WITH =, valid WITH &&),
    CONSTRAINT roles_history_op_check CHECK (op IN ('insert', 'update', 'delete'))
);
CREATE UNIQUE INDEX roles_history_open_key ON roles_history (id) WHERE upper_inf(valid);

CREATE TRIGGER roles_history_insert AFTER INSERT ON roles
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch');
CREATE TRIGGER roles_history_update AFTER UPDATE ON roles
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch');
CREATE TRIGGER roles_history_delete AFTER DELETE ON roles
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nms_history('epoch');

-- migrate:down

DROP TABLE roles;
DROP TABLE roles_history;
DROP SEQUENCE token_epoch;

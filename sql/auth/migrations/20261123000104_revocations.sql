-- migrate:up

-- Which access tokens are no longer good: those of a session, or those of a user or a role that carry an
-- epoch under the one given. The triggers below write the rows, so no way of changing a user leaves its
-- tokens alive, by hand in psql neither. auth pushes each row to all services and then sets pushed_at.
CREATE TABLE revocations (
    id         bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    session_id uuid,
    user_id    bigint,
    role_id    text,
    epoch      bigint      NOT NULL DEFAULT 0,
    -- Longer than an access token lives (15 min), with room for clocks that differ.
    until      timestamptz NOT NULL DEFAULT clock_timestamp() + interval '16 minutes',
    pushed_at  timestamptz,
    -- The transaction that made the row: it pushes what it revoked itself, right after its commit.
    txid       bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    CONSTRAINT revocations_pkey PRIMARY KEY (id),
    CONSTRAINT revocations_one_target CHECK (num_nonnulls(session_id, user_id, role_id) = 1)
);
CREATE INDEX revocations_waiting_idx ON revocations (id) WHERE pushed_at IS NULL;
CREATE INDEX revocations_until_idx ON revocations (until);
CREATE INDEX revocations_txid_idx ON revocations (txid);

-- A change of role, status or password, or a new epoch by itself (log out everywhere), ends the user's tokens.
CREATE FUNCTION users_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role_id IS DISTINCT FROM OLD.role_id OR NEW.status <> OLD.status
        OR NEW.password_changed_at <> OLD.password_changed_at OR NEW.epoch <> OLD.epoch THEN
        NEW.epoch := nextval('token_epoch');
        INSERT INTO revocations (user_id, epoch) VALUES (NEW.id, NEW.epoch);
    END IF;
    IF NEW.status <> 0 AND OLD.status = 0 THEN
        UPDATE sessions SET ended_at = clock_timestamp(),
            end_reason = CASE NEW.status WHEN 1 THEN 'blocked' ELSE 'archived' END
        WHERE user_id = NEW.id AND ended_at IS NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER users_revoke BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION users_revoke();

CREATE FUNCTION roles_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.access <> OLD.access THEN
        NEW.epoch := nextval('token_epoch');
        INSERT INTO revocations (role_id, epoch) VALUES (NEW.id, NEW.epoch);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER roles_revoke BEFORE UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION roles_revoke();

CREATE FUNCTION sessions_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO revocations (session_id) VALUES (NEW.id);
    DELETE FROM refresh_tokens WHERE session_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_revoke AFTER UPDATE OF ended_at ON sessions FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION sessions_revoke();

-- migrate:down

DROP TRIGGER sessions_revoke ON sessions;
DROP FUNCTION sessions_revoke();
DROP TRIGGER roles_revoke ON roles;
DROP FUNCTION roles_revoke();
DROP TRIGGER users_revoke ON users;
DROP FUNCTION users_revoke();
DROP TABLE revocations;

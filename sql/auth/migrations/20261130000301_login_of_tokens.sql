-- migrate:up

-- A changed login, too, ends the user's access tokens: they carry the login, and every event takes it from them. The
-- sessions go on; their next refresh brings a token with the new login.
CREATE OR REPLACE FUNCTION users_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role_id IS DISTINCT FROM OLD.role_id OR NEW.status <> OLD.status OR NEW.login <> OLD.login
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

-- migrate:down

CREATE OR REPLACE FUNCTION users_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
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

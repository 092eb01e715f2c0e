-- migrate:up

-- withdrawn: the user was blocked or archived or got another role, so that what waits in the user's name must not be done any
-- more. A new password, a new login and logging out everywhere end tokens only.
ALTER TABLE revocations ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION users_revoke() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role_id IS DISTINCT FROM OLD.role_id OR NEW.status <> OLD.status OR NEW.login <> OLD.login
        OR NEW.password_changed_at <> OLD.password_changed_at OR NEW.epoch <> OLD.epoch THEN
        NEW.epoch := nextval('token_epoch');
        INSERT INTO revocations (user_id, epoch, withdrawn)
        VALUES (NEW.id, NEW.epoch, NEW.role_id IS DISTINCT FROM OLD.role_id OR NEW.status <> OLD.status);
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

ALTER TABLE revocations DROP COLUMN withdrawn;

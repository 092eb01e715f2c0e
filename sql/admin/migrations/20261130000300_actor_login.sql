-- migrate:up

-- The login of the user, or the name of the API key, that actor names, as it was when the event was made.
ALTER TABLE event ADD COLUMN actor_login text NOT NULL DEFAULT '';

-- migrate:down

ALTER TABLE event DROP COLUMN actor_login;

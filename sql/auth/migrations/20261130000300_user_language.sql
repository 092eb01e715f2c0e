-- migrate:up

-- The language that a user wants to be spoken to in; null: not said.
ALTER TABLE users ADD COLUMN language text, ADD CONSTRAINT users_language_known CHECK (language IN ('ru', 'en'));

-- migrate:down

ALTER TABLE users DROP COLUMN language;

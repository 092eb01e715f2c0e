-- migrate:up

-- Messages of outside systems may be compressed; those of our own services never are.
ALTER TABLE dead_letter ADD COLUMN content_encoding text NOT NULL DEFAULT '';

-- migrate:down

ALTER TABLE dead_letter DROP COLUMN content_encoding;

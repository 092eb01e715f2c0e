-- migrate:up

-- The one instance that holds a lease, null when there may be several or none: it fills from the database
-- without asking the others. See common/cache.
ALTER TABLE cache_version ADD COLUMN alone uuid;

-- migrate:down

ALTER TABLE cache_version DROP COLUMN alone;

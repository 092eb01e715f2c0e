-- migrate:up

-- The protocol of common/cache, which explains it: answers from memory that are never stale.

-- The version of everything that is cached from this database; one row. epoch is its identity in keys of
-- shared entries: renew it after restoring a backup (UPDATE cache_version SET epoch = gen_random_uuid()).
CREATE TABLE cache_version (
    one_row boolean NOT NULL DEFAULT true,
    version bigint  NOT NULL DEFAULT 0,
    epoch   uuid    NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT cache_version_pkey PRIMARY KEY (one_row),
    CONSTRAINT cache_version_one_row_check CHECK (one_row)
) WITH (fillfactor = 50);
INSERT INTO cache_version DEFAULT VALUES;

-- Instances that may answer from memory, until when, and up to which version they have dropped what changed.
-- It must survive a crash of the server, so it is not UNLOGGED.
CREATE TABLE cache_lease (
    instance   uuid        NOT NULL,
    seen       bigint      NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT cache_lease_pkey PRIMARY KEY (instance)
) WITH (fillfactor = 50);

-- migrate:down

DROP TABLE cache_lease;
DROP TABLE cache_version;

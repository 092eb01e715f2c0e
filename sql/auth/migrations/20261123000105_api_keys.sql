-- migrate:up

-- The version of the set of live keys. Every change takes the next one and holds the row until its
-- commit, so versions and sets come in the same order. It follows the clock, so that a restored backup does
-- not fall behind what the services already know for good.
CREATE TABLE api_keys_version (
    one_row boolean NOT NULL DEFAULT true,
    version bigint  NOT NULL DEFAULT 0,
    CONSTRAINT api_keys_version_pkey PRIMARY KEY (one_row),
    CONSTRAINT api_keys_version_one_row CHECK (one_row)
);

CREATE TABLE api_keys (
    id         uuid        NOT NULL,
    name       text        NOT NULL,
    -- SHA-256 of the key's text, which has 256 random bits.
    hash       bytea       NOT NULL,
    access     bigint      NOT NULL,
    cidrs      cidr[]      NOT NULL DEFAULT '{}',
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text        NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_hash_key UNIQUE (hash),
    CONSTRAINT api_keys_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT api_keys_name_length CHECK (char_length(name) BETWEEN 1 AND 80),
    CONSTRAINT api_keys_access_range CHECK (access >= 0)
);
CREATE UNIQUE INDEX api_keys_name_live_key ON api_keys (login_key(name)) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_live_idx ON api_keys (created_at, id) WHERE revoked_at IS NULL;

CREATE FUNCTION api_keys_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE api_keys_version
    SET version = greatest(version + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER api_keys_count AFTER INSERT OR UPDATE OR DELETE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION api_keys_count();

INSERT INTO api_keys_version (version) VALUES ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint);

-- migrate:down

DROP TABLE api_keys;
DROP FUNCTION api_keys_count();
DROP TABLE api_keys_version;

-- migrate:up

-- A commit that notifies holds a lock of the whole server until it is flushed to disk: no two such commits share a flush, whatever
-- the databases. A transaction that sets nms.notify to off is of a process whose own relay follows its commits.
CREATE OR REPLACE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('nms.notify', true) IS DISTINCT FROM 'off' THEN
        PERFORM pg_notify('outbox', '');
    END IF;
    RETURN NULL;
END $$;

-- migrate:down

CREATE OR REPLACE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END $$;

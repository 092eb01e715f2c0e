-- migrate:up

-- Versioned history for any table with a key column `id`; sql/README.md shows how a table takes part.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- nms_history writes the versions of the rows that one statement changed into <table>_history: it closes
-- the open version of each and opens the next at the very same instant, so ranges of one id neither
-- overlap nor leave a gap. A delete opens a version of its own (op 'delete', with the last content), which
-- says who deleted the row and when; a row made again under the same id closes it.
--
-- Changes of one row are serial, because the changed row is locked until its transaction ends. The instant
-- is the clock's, but at least one microsecond after the version before: two changes in one transaction, in
-- one microsecond or across a clock that was set back are all kept in order.
--
-- Trigger arguments name columns that stay out of the history (secrets, counters); an update that changes
-- nothing else makes no version.
CREATE FUNCTION nms_history() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    history  text := format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_history');
    left_out text[] := coalesce(TG_ARGV, '{}');
    -- A change made by hand in psql has no actor: the database user is named then.
    actor    text := coalesce(nullif(current_setting('nms.actor', true), ''), 'db:' || session_user);
    request  text := coalesce(current_setting('nms.request_id', true), '');
    changed  text;
    rekeyed  boolean;
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        changed := 'SELECT n.id, to_jsonb(n) - $1 AS snapshot FROM new_rows n';
    WHEN 'DELETE' THEN
        changed := 'SELECT o.id, to_jsonb(o) - $1 AS snapshot FROM old_rows o';
    WHEN 'UPDATE' THEN
        SELECT EXISTS (SELECT FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.id = n.id))
            INTO rekeyed;
        IF rekeyed THEN
            RAISE EXCEPTION 'the id of a row in % is the key of its history and cannot change', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_id_fixed';
        END IF;
        changed := 'SELECT n.id, to_jsonb(n) - $1 AS snapshot FROM new_rows n JOIN old_rows o ON o.id = n.id'
            || ' WHERE to_jsonb(n) - $1 IS DISTINCT FROM to_jsonb(o) - $1';
    END CASE;

    EXECUTE format($sql$
        WITH changed AS MATERIALIZED (%2$s),
        closed AS (
            UPDATE %1$s h
            SET valid = tstzrange(lower(h.valid), greatest(clock_timestamp(), lower(h.valid) + interval '1 microsecond'))
            FROM changed c
            WHERE h.id = c.id AND upper_inf(h.valid)
            RETURNING h.id, h.version, upper(h.valid) AS ended_at
        )
        INSERT INTO %1$s (id, version, valid, op, actor, request_id, snapshot)
        SELECT c.id, coalesce(p.version, 0) + 1, tstzrange(coalesce(p.ended_at, clock_timestamp()), NULL),
               $2, $3, $4, c.snapshot
        FROM changed c LEFT JOIN closed p ON p.id = c.id
        $sql$, history, changed)
    USING left_out, lower(TG_OP), actor, request;
    RETURN NULL;
END $$;

-- migrate:down

DROP FUNCTION nms_history();
DROP EXTENSION btree_gist;

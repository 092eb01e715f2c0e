-- migrate:up

-- admin_service_grant lets an existing role do what the service admin needs and nothing more: the journal
-- it may read and add to. In production DB_ADMIN_DSN of the service should name such a role, and only the migrator the
-- owner; docs/operating.md says how.
CREATE FUNCTION admin_service_grant(role name) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role);
    EXECUTE format('GRANT SELECT ON schema_migrations TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON event TO %I', role);
    EXECUTE format('GRANT SELECT ON event_default TO %I', role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION event_partition_make(timestamptz) TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter, outbox TO %I', role);
    EXECUTE format('GRANT SELECT, UPDATE ON outbox_slot TO %I', role);
END $$;
REVOKE EXECUTE ON FUNCTION admin_service_grant(name) FROM PUBLIC;

-- migrate:down

DROP FUNCTION admin_service_grant(name);

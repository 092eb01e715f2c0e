-- migrate:up

-- Whoever may use the tables has to get in first: installations take CONNECT from PUBLIC.
CREATE OR REPLACE FUNCTION admin_service_grant(role name) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role);
    EXECUTE format('GRANT SELECT ON schema_migrations TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON event TO %I', role);
    EXECUTE format('GRANT SELECT ON event_default TO %I', role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION event_partition_make(timestamptz) TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter, outbox TO %I', role);
    EXECUTE format('GRANT SELECT, UPDATE ON outbox_slot TO %I', role);
END $$;

-- migrate:down

CREATE OR REPLACE FUNCTION admin_service_grant(role name) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role);
    EXECUTE format('GRANT SELECT ON schema_migrations TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON event TO %I', role);
    EXECUTE format('GRANT SELECT ON event_default TO %I', role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION event_partition_make(timestamptz) TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter, outbox TO %I', role);
    EXECUTE format('GRANT SELECT, UPDATE ON outbox_slot TO %I', role);
END $$;

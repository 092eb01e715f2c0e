-- migrate:up
-- pg_restore works without a search path and does not find ltree's = for IS DISTINCT FROM; as texts the paths
-- compare everywhere.
DROP TRIGGER equipment_path ON equipment;
CREATE TRIGGER equipment_path BEFORE UPDATE OF parent_path ON equipment FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND OLD.parent_path::text IS DISTINCT FROM NEW.parent_path::text)
    EXECUTE FUNCTION tree_path_is_derived();
DROP TRIGGER command_toc_path ON command_toc;
CREATE TRIGGER command_toc_path BEFORE UPDATE OF parent_path ON command_toc FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND OLD.parent_path::text IS DISTINCT FROM NEW.parent_path::text)
    EXECUTE FUNCTION tree_path_is_derived();

-- migrate:down
DROP TRIGGER command_toc_path ON command_toc;
CREATE TRIGGER command_toc_path BEFORE UPDATE OF parent_path ON command_toc FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND OLD.parent_path IS DISTINCT FROM NEW.parent_path)
    EXECUTE FUNCTION tree_path_is_derived();
DROP TRIGGER equipment_path ON equipment;
CREATE TRIGGER equipment_path BEFORE UPDATE OF parent_path ON equipment FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND OLD.parent_path IS DISTINCT FROM NEW.parent_path)
    EXECUTE FUNCTION tree_path_is_derived();

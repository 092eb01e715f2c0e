-- name: CataloguesUsed :one
-- Whether any catalogue holds or ever held an item.
SELECT (EXISTS (SELECT FROM equipment) OR EXISTS (SELECT FROM command_toc)
        OR EXISTS (SELECT FROM command) OR EXISTS (SELECT FROM telemetry))::boolean AS used;

-- Takes over the users and roles of an original system, loaded into the schema "original" beforehand.
-- docs/operating.md, "Users of an original system", says how and shows this text.
BEGIN;
SET LOCAL nms.actor = 'service:import';
INSERT INTO roles (id, description, access)
-- The original's administrators hold its ten permissions (4227858455); ours hold those named since, too.
SELECT o.id, coalesce(nullif(left(o.description, 80), ''), o.id), with_permissions(o.access, 4227858455, p.access)
FROM original.user_roles AS o, named_permissions AS p
ON CONFLICT (id) DO NOTHING;
INSERT INTO users (id, login, name, password_hash, role_id, status, dark_theme, create_dt, update_dt)
SELECT o.id, o.login, o.name, o.password, o.role_id, o.status, coalesce(o.dark_theme, false),
    coalesce(o.create_dt, clock_timestamp()), coalesce(o.update_dt, o.create_dt, clock_timestamp())
FROM original.users AS o
ORDER BY o.id;
SELECT setval(pg_get_serial_sequence('users', 'id'), (SELECT max(id) FROM users));
COMMIT;
DROP SCHEMA original CASCADE;

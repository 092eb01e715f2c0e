-- migrate:up

-- inbox:manage, ctrl:read, ctrl:write, telemetry:write, commands:send, commands:hazardous, commands:approve,
-- alarms:write
SELECT add_permissions(3, 5, 6, 7, 8, 9, 10, 11);

-- migrate:down

SELECT remove_permissions(3, 5, 6, 7, 8, 9, 10, 11);

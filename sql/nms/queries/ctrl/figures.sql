-- name: FiguresAlarms :many
-- The alarms that are raised, by severity, and those of them that wait for an acknowledgement.
SELECT a.severity, count(*) AS raised, count(*) FILTER (WHERE v.shown = 'unack') AS unacknowledged
FROM alarm a JOIN alarm_shown v ON v.id = a.id WHERE NOT a.is_cleared GROUP BY a.severity;

-- name: FiguresDeliveries :many
-- What is due to be told to receivers that are enabled, by kind: how much, and for how many seconds the oldest has been due. What was attempted has another
-- time for its next attempt.
SELECT d.kind, count(*) AS waiting, extract(epoch FROM clock_timestamp() - min(coalesce(d.first_due_at, d.due_at)))::double precision AS oldest
FROM delivery d JOIN receiver c ON c.id = d.receiver_id AND c.enabled
WHERE d.state = 'waiting' AND (d.attempts > 0 OR d.due_at <= clock_timestamp())
GROUP BY d.kind;

-- name: FiguresUndone :one
-- What nobody has done yet: for how many seconds it has not been decided who is told of a step of an alarm, and a heartbeat has not been made; the slots of
-- equipment whose limits nobody evaluates; the equipment whose last poll has failed, and that which is polled more seldom because it does not answer.
SELECT
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM alarm_notice WHERE NOT held), 0)::double precision AS undecided,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(heartbeat_at)) FROM receiver
              WHERE enabled AND heartbeat_at <= clock_timestamp()), 0)::double precision AS heartbeat,
    (SELECT count(*) FROM limit_slot WHERE owner IS NULL OR leased_until < clock_timestamp())::bigint AS unheld,
    (SELECT count(*) FROM telemetry_poll p JOIN equipment e ON e.id = p.equipment_id AND e.archived_at IS NULL
                                           JOIN endpoint n ON n.equipment_id = p.equipment_id AND n.admin_state <> 'locked'
     WHERE p.problem IS NOT NULL)::bigint AS failing,
    (SELECT count(*) FROM telemetry_poll WHERE failures > 0)::bigint AS backed_off;

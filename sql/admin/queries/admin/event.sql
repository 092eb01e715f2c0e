-- Events in the order of arrival; those that are there already are left out, so that what comes back is
-- the number of new ones. JSON that is not there is given as ''.
-- name: EventInsert :execrows
-- One batch after the other, over all instances: two that hold the same events in different orders, such as when a broker
-- has handed them out again, would wait for each other's rows.
INSERT INTO event (time, id, source, type, subject, actor, actor_login, request_id, traceparent, before, after, data)
SELECT e.time, e.id, e.source, e.type, e.subject, e.actor, e.actor_login, e.request_id, e.traceparent,
    nullif(e.before, '')::jsonb, nullif(e.after, '')::jsonb, nullif(e.data, '')::jsonb
FROM ROWS FROM (
    unnest(@times::timestamptz[]), unnest(@ids::uuid[]), unnest(@sources::text[]), unnest(@types::text[]),
    unnest(@subjects::text[]), unnest(@actors::text[]), unnest(@actor_logins::text[]), unnest(@request_ids::text[]), unnest(@traceparents::text[]),
    unnest(@befores::text[]), unnest(@afters::text[]), unnest(@datas::text[])
) WITH ORDINALITY AS e (time, id, source, type, subject, actor, actor_login, request_id, traceparent, before, after, data, place),
    (SELECT pg_advisory_xact_lock(hashtext('event_insert')) IS NULL AS taken) AS turn -- volatile, and read before the sort ends
WHERE turn.taken IS NOT NULL
ORDER BY e.place
ON CONFLICT DO NOTHING;

-- The filters are folded away before planning only when the plan is made for the values at hand: run these
-- two with pgx.QueryExecModeCacheDescribe. The bounds of time are always given, so that partitions are pruned.
-- name: EventList :many
SELECT time, id, seq, source, type, subject, actor, actor_login, request_id, traceparent, before, after, data, received_at
FROM event
WHERE time >= @since AND time < @until
  AND (sqlc.narg('actor')::text IS NULL OR actor = sqlc.narg('actor'))
  AND (sqlc.narg('source')::text IS NULL OR source = sqlc.narg('source'))
  AND (sqlc.narg('subject')::text IS NULL OR subject = sqlc.narg('subject'))
  AND (sqlc.narg('request_id')::text IS NULL OR request_id <> '' AND request_id = sqlc.narg('request_id'))
  AND (sqlc.narg('type')::text IS NULL OR type = sqlc.narg('type'))
  AND (sqlc.narg('type_from')::text IS NULL OR type >= sqlc.narg('type_from') AND type < sqlc.narg('type_before')::text)
  AND (sqlc.narg('before_time')::timestamptz IS NULL
       OR time <= sqlc.narg('before_time') AND (time, seq) < (sqlc.narg('before_time'), sqlc.narg('before_seq')::bigint))
ORDER BY time DESC, seq DESC
LIMIT @take OFFSET @skip::bigint;

-- name: EventCount :one
SELECT count(*)
FROM (
    SELECT FROM event
    WHERE time >= @since AND time < @until
      AND (sqlc.narg('actor')::text IS NULL OR actor = sqlc.narg('actor'))
      AND (sqlc.narg('source')::text IS NULL OR source = sqlc.narg('source'))
      AND (sqlc.narg('subject')::text IS NULL OR subject = sqlc.narg('subject'))
      AND (sqlc.narg('request_id')::text IS NULL OR request_id <> '' AND request_id = sqlc.narg('request_id'))
      AND (sqlc.narg('type')::text IS NULL OR type = sqlc.narg('type'))
      AND (sqlc.narg('type_from')::text IS NULL OR type >= sqlc.narg('type_from') AND type < sqlc.narg('type_before')::text)
    LIMIT @bound
) AS found;

-- name: EventPartitionsAhead :one
SELECT event_partitions_ahead(@months) AS made;

#!/bin/sh
# Restores the dumps of backup.sh: restore.sh DIR. Every DB_…_DSN that has a dump there must name an EMPTY database,
# and the role that shall own what is in it. All of a database comes back, or nothing.
set -eu
[ $# -eq 1 ] || { echo "usage: DB_AUTH_DSN=… DB_NMS_DSN=… restore.sh DIR" >&2; exit 2; }
for file in "$1"/*.dump; do
	name=$(basename "$file" .dump)
	eval "dsn=\${DB_${name}_DSN:-}"
	[ -n "$dsn" ] || { echo "$name: DB_${name}_DSN is not set, left out" >&2; continue; }
	tables=$(psql --no-psqlrc --tuples-only --no-align --dbname "$dsn" --command \
		"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')")
	[ "$tables" = 0 ] || { echo "$name: the database is not empty ($tables tables)" >&2; exit 1; }
	pg_restore --no-owner --exit-on-error --single-transaction --dbname "$dsn" "$file"
	PGOPTIONS="-c client_min_messages=error" psql --no-psqlrc --quiet --dbname "$dsn" --command ANALYZE
	echo "$name: restored"
done

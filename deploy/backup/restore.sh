#!/bin/sh
# Restores the dumps of backup.sh: restore.sh DIR. Every DB_…_DSN that has a dump there must name an EMPTY database,
# and the role that shall own what is in it. All of a database comes back, or nothing. Its caches get a new identity,
# so that no instance goes on with answers from after the dump.
set -eu
[ $# -eq 1 ] || { echo "usage: DB_AUTH_DSN=… DB_NMS_DSN=… restore.sh DIR" >&2; exit 2; }
query() { PGOPTIONS="-c client_min_messages=error" psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$dsn" "$@"; }
for file in "$1"/*.dump; do
	name=$(basename "$file" .dump)
	eval "dsn=\${DB_${name}_DSN:-}"
	[ -n "$dsn" ] || { echo "$name: DB_${name}_DSN is not set, left out" >&2; continue; }
	tables=$(query --command \
		"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')")
	[ "$tables" = 0 ] || { echo "$name: the database is not empty ($tables tables)" >&2; exit 1; }
	granted=$(pg_restore --schema-only --no-owner --file - "$file" | sed -n 's/^GRANT .* TO \([^ ]*\);$/\1/p' | sort -u)
	missing=$(for role in $granted; do
		[ "$role" = PUBLIC ] || echo "SELECT :'role' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE quote_ident(rolname) = :'role')" | query --set role="$role"
	done)
	[ -z "$missing" ] || { echo "$name: the dump grants rights to roles that are not there; make them first:" $missing >&2; exit 1; }
	pg_restore --no-owner --exit-on-error --single-transaction --dbname "$dsn" "$file"
	query <<-'SQL'
		SELECT 'UPDATE cache_version SET epoch = gen_random_uuid()' WHERE to_regclass('cache_version') IS NOT NULL \gexec
		ANALYZE;
	SQL
	echo "$name: restored"
done

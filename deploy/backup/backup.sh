#!/bin/sh
# Dumps every database whose DB_…_DSN is set into a new folder: backup.sh DIR. Needs pg_dump of the servers' version
# or a newer one. Each dump is consistent in itself; the services go on working meanwhile.
set -eu
[ $# -eq 1 ] || { echo "usage: DB_AUTH_DSN=… DB_NMS_DSN=… backup.sh DIR" >&2; exit 2; }
names=$(env | sed -n 's/^DB_\([A-Z]*\)_DSN=.*/\1/p' | sort)
[ -n "$names" ] || { echo "backup.sh: no DB_…_DSN is set, so there is nothing to dump" >&2; exit 2; }
umask 077
mkdir "$1"
for name in $names; do
	eval "dsn=\$DB_${name}_DSN"
	pg_dump --format=custom --no-owner --file "$1/$name.part" --dbname "$dsn"
	mv "$1/$name.part" "$1/$name.dump"
	echo "$name: $(wc -c <"$1/$name.dump") bytes"
done

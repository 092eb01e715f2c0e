#!/bin/sh
# Creates one database per name, each owned by a role of the same name. The PostgreSQL image runs this once,
# when its data volume is empty.
set -eu
# create NAME: the password is the one in the services' URL of the database.
create() {
	password=$(sed 's,^postgres://[^:]*:\([^@]*\)@.*,\1,' "/run/secrets/db_$1_dsn")
	psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
		--set name="$1" --set password="$password" <<-'SQL'
		CREATE ROLE :"name" LOGIN PASSWORD :'password';
		CREATE DATABASE :"name" OWNER :"name";
		REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
	SQL
}
create auth
create nms
create dwh
create admin

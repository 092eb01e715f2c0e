#!/bin/sh
# Creates one database per name, each owned by a role of the same name. The PostgreSQL image runs this once,
# when its data volume is empty.
set -eu
create() {
	psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
		--set name="$1" --set password="$2" <<-'SQL'
		CREATE ROLE :"name" LOGIN PASSWORD :'password';
		CREATE DATABASE :"name" OWNER :"name";
		REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
	SQL
}
create auth "$AUTH_DB_PASSWORD"
create nms "$NMS_DB_PASSWORD"
create dwh "$DWH_DB_PASSWORD"
create admin "$ADMIN_DB_PASSWORD"

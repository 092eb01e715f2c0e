#!/bin/sh
# Writes the secrets that compose.yaml mounts into the containers, one file each:
#
#   deploy/compose/secrets.sh DIR
#
# A file that is there already stays as it is. A password is taken from the environment (POSTGRES_PASSWORD,
# AUTH_DB_PASSWORD, RABBITMQ_PASSWORD …) or else made up. Passwords become parts of URLs: use letters, digits and
# - . _ ~ only.
set -eu
dir=${1:?usage: deploy/compose/secrets.sh DIR}
umask 077
mkdir -p "$dir"
chmod 700 "$dir"

random() { od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# put NAME TEXT. The containers' users are not the files' owner, so that the files are open to all; what keeps others
# out is the folder.
put() {
	[ ! -e "$dir/$1" ] || return 0
	rm -f "$dir/.$1"
	printf '%s\n' "$2" >"$dir/.$1"
	chmod 444 "$dir/.$1"
	mv "$dir/.$1" "$dir/$1"
}
database() { put "db_$1_dsn" "postgres://$1:$2@postgres:5432/$1?sslmode=disable"; }

put postgres_password "${POSTGRES_PASSWORD:-$(random)}"
database auth "${AUTH_DB_PASSWORD:-$(random)}"
database nms "${NMS_DB_PASSWORD:-$(random)}"
database dwh "${DWH_DB_PASSWORD:-$(random)}"
database admin "${ADMIN_DB_PASSWORD:-$(random)}"

put rabbitmq_password "${RABBITMQ_PASSWORD:-$(random)}"
password=$(cat "$dir/rabbitmq_password")
put rabbitmq_conf "default_user = nms
default_pass = $password"
put mq_dsn "amqp://nms:$password@rabbitmq:5672/"

put redis_password "${REDIS_PASSWORD:-$(random)}"
put redis_dsn "redis://:$(cat "$dir/redis_password")@redis:6379/0"

# What endpoints of ctrl name as their secrets: a file each, open to the container's user (chmod 444).
mkdir -p "$dir/equipment"
chmod 755 "$dir/equipment"

put jwt_secret_key "${JWT_SECRET_KEY:-$(random)}"
# Seals the sessions of the console in their cookies.
put console_key "${CONSOLE_KEY:-$(random)}"
# Of the first user, admin_nms.
put auth_admin_password "${AUTH_ADMIN_PASSWORD-$(random)}"

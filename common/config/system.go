package config

// system holds the variables that any part of the system reads, so that one .env file can be shared by
// all services and still has its misspellings found. Each service's tests check that its own are here.
var system = map[string]bool{
	"TZ": true, "ENVIRONMENT": true, "TESTING": true, "DEBUG": true, "HOST": true, "PORT": true,
	"DB_AUTH_DSN": true, "DB_NMS_DSN": true, "DB_DWH_DSN": true, "DB_ADMIN_DSN": true,
	"DB_AUTH_DSN_FILE": true, "DB_NMS_DSN_FILE": true, "DB_DWH_DSN_FILE": true, "DB_ADMIN_DSN_FILE": true,
	"DB_MAX_CONNS": true,
	"MQ_DSN":       true, "MQ_DSN_FILE": true,
	"REDIS_DSN": true, "REDIS_DSN_FILE": true, "REDIS_PREFIX": true,
	"JWT_SECRET_KEY": true, "JWT_SECRET_KEY_FILE": true,
	"JWT_SECRET_KEYS_OLD": true, "JWT_SECRET_KEYS_OLD_FILE": true,
	"AUTH_ADMIN_PASSWORD": true, "AUTH_ADMIN_PASSWORD_FILE": true,
	"LOG_LEVEL": true, "CORS_ORIGINS": true, "TRUSTED_PROXIES": true,
	"MAX_BODY_BYTES": true, "RATE_LIMIT": true, "RATE_BURST": true,
	"AUTH_TOKEN_URL": true, "HEALTH_INTERVAL": true,
	"SHUTDOWN_DELAY": true, "SHUTDOWN_TIMEOUT": true,
	"OTEL_EXPORTER_OTLP_HEADERS_FILE": true,
}

// foreignPrefixes begin the variables of tools that read the same .env file.
var foreignPrefixes = []string{"OTEL_", "COMPOSE_", "DOCKER_", "POSTGRES_", "RABBITMQ_", "TEST_", "GO"}

// Known reports whether the name is one that the system reads.
func Known(name string) bool { return system[name] || hasForeignPrefix(name) }

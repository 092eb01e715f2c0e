package config

import "strings"

// system holds the variables that any part of the system reads, so that one .env file can be shared by
// all services and still has its misspellings found. servicetest.CheckVariables finds what is left out.
var system = listed(`
	TZ ENVIRONMENT TESTING DEBUG HOST PORT LOG_LEVEL HEALTH_INTERVAL START_TIMEOUT SHUTDOWN_DELAY SHUTDOWN_TIMEOUT
	CORS_ORIGINS TRUSTED_PROXIES MAX_BODY_BYTES RATE_LIMIT RATE_BURST AUTH_TOKEN_URL
	DB_AUTH_DSN DB_NMS_DSN DB_DWH_DSN DB_ADMIN_DSN DB_MAX_CONNS DB_STATEMENT_TIMEOUT
	MQ_DSN REDIS_DSN REDIS_PREFIX REDIS_TIMEOUT
	JWT_SECRET_KEY JWT_SECRET_KEYS_OLD JWT_ISSUER JWT_AUDIENCE

	AUTH_ADMIN_PASSWORD BCRYPT_COST BCRYPT_WORKERS BCRYPT_QUEUE BCRYPT_MAX_WAIT SESSION_LIFETIME SESSION_IDLE
	CACHE_BYTES
	TRACE_MAX_POINTS TRACE_MAX_AGE TRACE_MAX_AHEAD TRACE_ACCEPT_OLD RETENTION PARTITIONS_AHEAD
	INGEST_QUEUE_BYTES INGEST_BATCH_TRACES INGEST_LINGER INGEST_COMMITTERS INTAKE_RATE_LIMIT INTAKE_RATE_BURST

	AUTH_PORT CFG_PORT INBOX_PORT ADMIN_PORT REDIS_PORT
`)

func listed(names string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		set[name] = true
	}
	return set
}

// foreignPrefixes begin the variables of tools that read the same .env file.
var foreignPrefixes = []string{"OTEL_", "COMPOSE_", "DOCKER_", "POSTGRES_", "RABBITMQ_", "TEST_", "GO"}

// fileSuffix ends the variables that name a secret's file.
const fileSuffix = "_FILE"

// Known reports whether the name is one that the system reads.
func Known(name string) bool {
	return system[name] || system[strings.TrimSuffix(name, fileSuffix)] || hasForeignPrefix(name)
}

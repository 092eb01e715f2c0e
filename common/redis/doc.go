// Package redis is the client of Redis for what the instances of a service share: it never makes a caller wait, reads the
// three forms of REDIS_DSN (one server, sentinels, a cluster), and listens over all losses of the connection.
package redis

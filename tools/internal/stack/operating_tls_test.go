//go:build workshop

package stack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// authority makes an authority of our own and a certificate of it for 127.0.0.1, as files of the servers' user.
func (o *operated) authority() (ca, certificate, key string) {
	o.t.Helper()
	dir, err := o.checkout.private("tls")
	require.NoError(o.t, err)
	require.NoError(o.t, os.Chmod(dir, 0o755))
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(o.t, o.checkout.write(path, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))))
		return path
	}
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true,
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(o.t, err)
	root := template(1, "an authority of our own")
	root.IsCA, root.KeyUsage = true, x509.KeyUsageCertSign
	rootBytes, err := x509.CreateCertificate(rand.Reader, root, root, &caKey.PublicKey, caKey)
	require.NoError(o.t, err)

	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(o.t, err)
	server := template(2, "127.0.0.1")
	server.IPAddresses, server.KeyUsage = []net.IP{net.IPv4(127, 0, 0, 1)}, x509.KeyUsageDigitalSignature
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	serverBytes, err := x509.CreateCertificate(rand.Reader, server, root, &serverKey.PublicKey, caKey)
	require.NoError(o.t, err)
	keyBytes, err := x509.MarshalPKCS8PrivateKey(serverKey)
	require.NoError(o.t, err)
	return write("ca.pem", "CERTIFICATE", rootBytes), write("server.pem", "CERTIFICATE", serverBytes), write("server.key", "PRIVATE KEY", keyBytes)
}

// encrypted has cfg and ctrl speak TLS with all three servers, by the addresses of the guide.
func (o *operated) encrypted() {
	o.t.Helper()
	ca, certificate, key := o.authority()
	ports, err := freePorts()
	require.NoError(o.t, err)

	for _, setting := range []string{"ssl_cert_file = '" + certificate + "'", "ssl_key_file = '" + key + "'", "ssl = on"} {
		o.http.sql("postgres", "ALTER SYSTEM SET "+setting)
	}
	o.http.sql("postgres", "SELECT pg_reload_conf()")
	database := strings.ReplaceAll(o.dsn("nms_b", "another"), "sslmode=disable", "sslmode=verify-full&sslrootcert="+url.QueryEscape(ca))

	redisPort := ports[portRedis]
	require.Equal(o.t, "+OK", o.askRedis("the new one", fmt.Sprintf("CONFIG SET tls-ca-cert-file %s tls-cert-file %s tls-key-file %s tls-auth-clients no tls-port %d",
		ca, certificate, key, redisPort)))
	redis := url.URL{Scheme: "rediss", User: url.UserPassword("", "the new one"), Host: layout.Loopback(redisPort), Path: "/0"}

	rabbitPort := ports[portRabbit]
	file := filepath.Join(o.checkout.dataDir("rabbitmq"), "rabbitmq.conf")
	conf, err := os.ReadFile(file)
	require.NoError(o.t, err)
	require.NoError(o.t, o.checkout.write(file, string(conf)+fmt.Sprintf("listeners.ssl.1 = 127.0.0.1:%d\nssl_options.cacertfile = %s\n"+
		"ssl_options.certfile = %s\nssl_options.keyfile = %s\n", rabbitPort, ca, certificate, key)))
	require.NoError(o.t, o.Stop("rabbitmq"))
	start("rabbitmq")(o.http)
	broker := url.URL{Scheme: "amqps", User: url.UserPassword("nms_b", "the new one"), Host: layout.Loopback(rabbitPort), Path: "/"}

	for _, name := range []string{"cfg", "ctrl"} {
		one, err := o.find(name)
		require.NoError(o.t, err)
		one.env = append(one.env, "SSL_CERT_FILE="+ca, "REDIS_DSN="+redis.String(), "MQ_DSN="+broker.String())
	}
	o.give("DB_NMS_DSN", database, "cfg", "ctrl")
	o.until("the connections are encrypted", func() bool {
		return o.http.count("nms", `pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'nms_b' AND ssl AND version = 'TLSv1.3'`) > 0
	})
	require.Zero(o.t, o.http.count("nms", "pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'nms_b' AND NOT ssl"))
}

// Package tlstest makes the certificates of an authority of a test's own. It is for tests only.
package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"nms.example/common/proctest"
)

// Authority signs certificates.
type Authority struct {
	// File is its own certificate, PEM.
	File string

	tb      testing.TB
	dir     string
	account proctest.Account
	cert    *x509.Certificate
	key     *ecdsa.PrivateKey
	issued  int64
}

// Pair are the files of a certificate and its key, PEM.
type Pair struct{ Certificate, Key string }

// New makes an authority. Its files belong to the user that servers run as, and are removed when the test ends.
func New(tb testing.TB) *Authority {
	tb.Helper()
	a := &Authority{tb: tb}
	a.dir, a.account = proctest.ServerDir(tb)
	a.cert = &x509.Certificate{
		Subject: pkix.Name{CommonName: "an authority of the tests"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	own := a.sign(a.cert)
	a.File = own.Certificate
	return a
}

// Issue makes a certificate, for servers and clients, of names and addresses.
func (a *Authority) Issue(hosts ...string) Pair {
	a.tb.Helper()
	return a.sign(template(time.Now().Add(24*time.Hour), hosts))
}

// Expired is Issue of one that was good until an hour ago.
func (a *Authority) Expired(hosts ...string) Pair {
	a.tb.Helper()
	return a.sign(template(time.Now().Add(-time.Hour), hosts))
}

func template(until time.Time, hosts []string) *x509.Certificate {
	t := &x509.Certificate{
		Subject: pkix.Name{CommonName: "nms"}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	return t
}

// sign makes a key and its certificate; the first one is the authority's own.
func (a *Authority) sign(t *x509.Certificate) Pair {
	a.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.must(err)
	if a.key == nil {
		a.key = key
	}
	a.issued++
	t.SerialNumber = big.NewInt(a.issued)
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &key.PublicKey, a.key)
	a.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	a.must(err)
	return Pair{a.write("CERTIFICATE", der), a.write("PRIVATE KEY", private)}
}

func (a *Authority) write(kind string, der []byte) string {
	a.tb.Helper()
	path := filepath.Join(a.dir, strconv.FormatInt(a.issued, 10)+"-"+kind[:4]+".pem")
	a.must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	a.must(a.account.Own(path))
	return path
}

func (a *Authority) must(err error) {
	a.tb.Helper()
	if err != nil {
		a.tb.Fatalf("tlstest: %v", err)
	}
}

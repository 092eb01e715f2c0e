package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
)

// TLSFiles name what a client needs for TLS with an authority of the user's own: PEM files, empty when there is none.
type TLSFiles struct {
	Authorities string // the certificates of those who may have signed the server's; empty: those that the system trusts
	Certificate string // the client's own, for servers that ask for one; with Key
	Key         string
	ServerName  string // in the server's certificate, where it is another name than the address's
}

// TLSOf reads them from the query of an address, under the names that RabbitMQ's clients have for them.
func TLSOf(query url.Values) TLSFiles {
	return TLSFiles{
		Authorities: query.Get("cacertfile"), Certificate: query.Get("certfile"), Key: query.Get("keyfile"), ServerName: query.Get("server_name_indication"),
	}
}

// Client reads the files. Its errors name a file and what is wrong with it.
func (f TLSFiles) Client() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f.ServerName}
	if f.Authorities != "" {
		pem, err := readBounded(f.Authorities)
		if err != nil {
			return nil, fmt.Errorf("cacertfile: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("cacertfile: %s holds no certificate in PEM", f.Authorities)
		}
	}
	if f.Certificate == "" && f.Key == "" {
		return c, nil
	}
	if f.Certificate == "" || f.Key == "" {
		return nil, errors.New("certfile and keyfile belong together: one of them is missing")
	}
	certificate, err := readBounded(f.Certificate)
	if err != nil {
		return nil, fmt.Errorf("certfile: %w", err)
	}
	key, err := readBounded(f.Key)
	if err != nil {
		return nil, fmt.Errorf("keyfile: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("certfile %s and keyfile %s: %w", f.Certificate, f.Key, err)
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}

package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http/httptest"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
)

// mailbox is a mail server.
type mailbox struct {
	mu       sync.Mutex
	letters  []letterReceived
	refusal  error
	password string // empty: it asks for none
}

type letterReceived struct {
	from string
	to   []string
	text string
	user string
}

// session is a connection to it.
type session struct {
	box *mailbox
	tls bool
	now letterReceived
}

func (b *mailbox) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &session{box: b, tls: secure}, nil
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if !s.tls || password != s.box.password {
			return errors.New("no")
		}
		s.now.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if s.box.password != "" && s.now.user == "" {
		return gosmtp.ErrAuthRequired
	}
	s.now.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.now.to = append(s.now.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.refusal != nil {
		return s.box.refusal
	}
	s.now.text = string(raw)
	s.box.letters = append(s.box.letters, s.now)
	return nil
}

func (s *session) Reset()        { s.now = letterReceived{user: s.now.user} }
func (s *session) Logout() error { return nil }

// serveMail runs a mail server on loopback; wrap, unless it is nil, puts TLS around the connection from the beginning.
func serveMail(t *testing.T, box *mailbox, config *tls.Config, implicit bool) (address string) {
	t.Helper()
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = listener.Addr().String()
	server := gosmtp.NewServer(box)
	server.Domain, server.ErrorLog = "localhost", discard{}
	if implicit {
		listener = tls.NewListener(listener, config)
	} else {
		server.TLSConfig = config
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = listener.Close() // the server does not know it yet when it was never called
		_ = server.Close()
		<-ended
	})
	return address
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func loopback() driver.Networks { return driver.Networks{netip.MustParsePrefix("127.0.0.0/8")} }

// secret writes a secret and returns the directory.
func secretDir(t *testing.T, name, text string) driver.Secrets {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	return driver.NewSecrets(dir)
}

func told(t *testing.T, items ...Item) *nmsdb.Delivery {
	t.Helper()
	raw, err := json.Marshal(items)
	require.NoError(t, err)
	return &nmsdb.Delivery{Guid: uuid.New(), Kind: "alarms", Items: raw, CreatedAt: time.Now()}
}

func mailTo(address, options string, secret *string) *Receiver {
	return &Receiver{ReceiverDraft: ReceiverDraft{Name: "x", Kind: smtp, Address: address, Options: json.RawMessage(options), Secret: secret}}
}

var hot = Item{Event: Raised, AlarmID: 7, Severity: "major", EquipmentName: "Печь", Text: "gain is 11, the limit is 10 at most\r\nBcc: evil@example.org"}

func TestLetters(t *testing.T) {
	t.Parallel()
	box := new(mailbox)
	address := serveMail(t, box, nil, false)
	s := newSender(loopback(), driver.NewSecrets(""))
	d := told(t, hot)
	require.NoError(t, s.send(t.Context(), mailTo(address, `{"from": "nms@example.org", "to": ["a@example.org", "b@example.org"], "security": "none"}`, nil), d))
	require.Len(t, box.letters, 1)
	got := box.letters[0]
	require.Equal(t, "nms@example.org", got.from)
	require.Equal(t, []string{"a@example.org", "b@example.org"}, got.to)
	parsed, err := mail.ReadMessage(bytes.NewBufferString(got.text))
	require.NoError(t, err)
	require.Equal(t, "<"+d.Guid.String()+"@nms>", parsed.Header.Get("Message-Id"))
	require.Empty(t, parsed.Header.Get("Bcc"), "what an alarm says is no header")
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	require.NoError(t, err)
	require.Contains(t, subject, "[nms] MAJOR raised: Печь: gain is 11")
}

func TestMailServersWithTLS(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	config := &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	name := "password"
	for security, implicit := range map[string]bool{"tls": true, "starttls": false} {
		t.Run(security, func(t *testing.T) {
			t.Parallel()
			box := &mailbox{password: "right"}
			address := serveMail(t, box, config, implicit)
			r := mailTo(address, `{"from": "nms@example.org", "to": ["a@example.org"], "user": "nms", "security": "`+security+`"}`, &name)
			s := newSender(loopback(), secretDir(t, name, "right\n"))
			require.Error(t, s.send(t.Context(), r, told(t, hot)), "a certificate that nobody knows")
			s.roots = roots
			require.NoError(t, s.send(t.Context(), r, told(t, hot)))
			require.Equal(t, "nms", box.letters[0].user)
			wrong := newSender(loopback(), secretDir(t, name, "wrong"))
			wrong.roots = roots
			require.Error(t, wrong.send(t.Context(), r, told(t, hot)))
			require.Len(t, box.letters, 1)
		})
	}
	t.Run("a server without TLS is told nothing unless somebody has said so", func(t *testing.T) {
		t.Parallel()
		box := new(mailbox)
		address := serveMail(t, box, nil, false)
		s := newSender(loopback(), driver.NewSecrets(""))
		require.Error(t, s.send(t.Context(), mailTo(address, `{"from": "nms@example.org", "to": ["a@example.org"]}`, nil), told(t, hot)))
		require.Empty(t, box.letters)
	})
}

func TestWhatMailServersAnswer(t *testing.T) {
	t.Parallel()
	s := newSender(loopback(), driver.NewSecrets(""))
	for code, refused := range map[int]bool{554: true, 451: false} {
		box := &mailbox{refusal: &gosmtp.SMTPError{Code: code, Message: "no"}}
		address := serveMail(t, box, nil, false)
		err := s.send(t.Context(), mailTo(address, `{"from": "nms@example.org", "to": ["a@example.org"], "security": "none"}`, nil), told(t, hot))
		require.Error(t, err)
		_, got := errors.AsType[refusedError](err)
		require.Equal(t, refused, got, "%d: %v", code, err)
	}
}

func TestMailStaysWithinTheNetworks(t *testing.T) {
	t.Parallel()
	box := new(mailbox)
	address := serveMail(t, box, nil, false)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	s := newSender(driver.Networks{netip.MustParsePrefix("10.0.0.0/8")}, driver.NewSecrets(""))
	for _, host := range []string{"127.0.0.1", "localhost"} {
		err := s.send(context.WithoutCancel(t.Context()), mailTo(net.JoinHostPort(host, port), `{"from": "nms@example.org", "to": ["a@example.org"], "security": "none"}`, nil), told(t, hot))
		require.ErrorIs(t, err, errNotAllowed, host)
	}
	require.Empty(t, box.letters)
}

func listenAt(t *testing.T, address string) net.Listener {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	return listener
}

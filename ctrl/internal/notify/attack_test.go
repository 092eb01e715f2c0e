package notify

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/driver"
)

// scripted is a mail server, or what poses as one: it answers each command by its first word; what is not in answers is taken.
type scripted struct {
	greeting string
	silent   bool                                           // it hangs up after the greeting
	answers  func(command string) (answer string, end bool) // end: it hangs up after the answer, which may be empty
	pause    time.Duration                                  // before each answer

	mu    sync.Mutex
	taken []string // a letter with its recipients, each
}

func (s *scripted) letters() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.taken...)
}

// listen serves it until the test ends.
func (s *scripted) listen(t *testing.T) (address string) {
	t.Helper()
	listener := listenAt(t, "127.0.0.1:0")
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	return listener.Addr().String()
}

func (s *scripted) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := fmt.Fprint(conn, s.greeting+"\r\n"); err != nil || s.silent {
		return
	}
	lines := bufio.NewReader(conn)
	var to []string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		command := strings.ToUpper(strings.TrimSpace(line))
		answer, end := "250 ok", false
		if s.answers != nil {
			if own, ends := s.answers(command); own != "" || ends {
				answer, end = own, ends
			}
		}
		switch {
		case strings.HasPrefix(command, "RCPT") && strings.HasPrefix(answer, "250"):
			to = append(to, strings.ToLower(command[strings.Index(command, "<"):]))
		case command == "DATA" && strings.HasPrefix(answer, "250"):
			if _, err := io.WriteString(conn, "354 go on\r\n"); err != nil {
				return
			}
			for line != ".\r\n" {
				if line, err = lines.ReadString('\n'); err != nil {
					return
				}
			}
			s.mu.Lock()
			s.taken = append(s.taken, strings.Join(to, " "))
			s.mu.Unlock()
			to = nil
			if s.answers != nil {
				_, end = s.answers("TAKEN")
			}
		case command == "RSET":
			to = nil
		}
		time.Sleep(s.pause)
		if answer != "" {
			if _, err := fmt.Fprint(conn, answer+"\r\n"); err != nil {
				return
			}
		}
		if end {
			return
		}
	}
}

const recipients = `{"from": "nms@example.org", "to": ["a@example.org", "b@example.org", "c@example.org"], "security": "none"}`

// What a receiver answers, or whatever listens at its address, is not shown to whoever may read deliveries.
func TestWhatAReceiverAnswersIsNotShown(t *testing.T) {
	t.Parallel()
	const hidden = "hunter2"
	banner := &scripted{greeting: "SSH-2.0-" + hidden, silent: true}
	refusing := &scripted{greeting: "554 " + hidden}
	unwilling := &scripted{greeting: "220 x", answers: func(command string) (string, bool) {
		if strings.HasPrefix(command, "MAIL") {
			return "451 " + hidden, false
		}
		return "", false
	}}
	away := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/"+hidden, http.StatusTemporaryRedirect))
	t.Cleanup(away.Close)
	nowhere := httptest.NewServer(http.RedirectHandler("//"+hidden+".invalid:99999/", http.StatusTemporaryRedirect))
	t.Cleanup(nowhere.Close)
	s := newSender(loopback(), secretDir(t, secretName, "very secret"))
	mailed := func(of *scripted) *Receiver { return mailTo(of.listen(t), recipients, nil) }
	for name, c := range map[string]struct {
		to    *Receiver
		shown string
	}{
		"a webhook at a port of something else": {hook("http://" + banner.listen(t) + "/"), "the connection failed or was closed, or the answer was not understood"},
		"a webhook that leads elsewhere":        {hook(away.URL), "nothing listens at the address of the receiver"},
		"a webhook that leads nowhere":          {hook(nowhere.URL), "the connection failed or was closed, or the answer was not understood"},
		"a mail server that is none":            {mailed(banner), "the connection failed or was closed, or the answer was not understood"},
		"a mail server that refuses all":        {mailed(refusing), "the mail server answers with code 554"},
		"a mail server that refuses a letter":   {mailed(unwilling), "the mail server answers with code 451"},
	} {
		err := s.send(t.Context(), c.to, told(t, hot))
		require.Error(t, err, name)
		require.NotContains(t, describe(err), hidden, name)
		require.Equal(t, c.shown, describe(err), "%s: %v", name, err)
	}
}

// A webhook that is called with encryption is not called without it on a redirect.
func TestARedirectKeepsTheEncryption(t *testing.T) {
	t.Parallel()
	called := false
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(plain.Close)
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusPermanentRedirect))
	t.Cleanup(secure.Close)
	s := newSender(loopback(), secretDir(t, secretName, "very secret"))
	require.Equal(t, "the receiver's certificate is none that is trusted", describe(s.send(t.Context(), hook(secure.URL), told(t, hot))))
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	transport, ok := s.client.Transport.(*http.Transport)
	require.True(t, ok)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	err := s.send(t.Context(), hook(secure.URL), told(t, hot))
	require.Equal(t, "the receiver redirects to where the message would not be encrypted", describe(err))
	require.False(t, called)
}

// A message that anybody could sign is not sent.
func TestNothingIsSignedWithoutAKey(t *testing.T) {
	t.Parallel()
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(server.Close)
	for _, secret := range []string{"", "\n", "whsec_", "whsec_\n"} {
		s := newSender(loopback(), secretDir(t, secretName, secret))
		require.ErrorIs(t, s.send(t.Context(), hook(server.URL), told(t, hot)), errNoKey, "%q", secret)
		n := &Notifications{sender: s, secrets: s.secrets}
		draft := hook(server.URL).ReceiverDraft
		require.ErrorContains(t, n.checkReceiver(&draft), "the receiver is refused", "%q", secret)
	}
	require.False(t, called)
}

// A letter that was taken is not sent again, whatever becomes of the connection.
func TestALetterThatWasTakenIsDelivered(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]func(command string) (string, bool){
		"the server hangs up": func(command string) (string, bool) { return "", command == "TAKEN" },
		"it does not know RSET and QUIT": func(command string) (string, bool) {
			if command == "RSET" || command == "QUIT" {
				return "502 no", false
			}
			return "", false
		},
		"it ends with an error": func(command string) (string, bool) {
			if command == "QUIT" || command == "RSET" {
				return "421 closing", true
			}
			return "", false
		},
	} {
		server := &scripted{greeting: "220 x", answers: answers}
		s := newSender(loopback(), driver.NewSecrets(""))
		require.NoError(t, s.send(t.Context(), mailTo(server.listen(t), recipients, nil), told(t, hot)), name)
		require.Len(t, server.letters(), 1, name)
	}
}

// One recipient whom the server does not know does not keep the others from being told.
func TestARecipientWhoIsRefusedKeepsNobodyElseFromBeingTold(t *testing.T) {
	t.Parallel()
	unknown := func(names ...string) func(string) (string, bool) {
		return func(command string) (string, bool) {
			for _, name := range names {
				if strings.HasPrefix(command, "RCPT") && strings.Contains(command, "<"+name) {
					return "550 there is no " + name, false
				}
			}
			return "", false
		}
	}
	s := newSender(loopback(), driver.NewSecrets(""))
	server := &scripted{greeting: "220 x", answers: unknown("B")}
	err := s.send(t.Context(), mailTo(server.listen(t), recipients, nil), told(t, hot))
	_, partly := errors.AsType[partlyError](err)
	require.True(t, partly, "%v", err)
	require.Equal(t, "told were 2 of 3 recipients: the mail server answers with code 550", describe(err))
	require.Equal(t, []string{"<a@example.org>", "<c@example.org>"}, server.letters())

	none := &scripted{greeting: "220 x", answers: unknown("A", "B", "C")}
	err = s.send(t.Context(), mailTo(none.listen(t), recipients, nil), told(t, hot))
	_, refused := errors.AsType[refusedError](err)
	require.True(t, refused, "%v", err)
	require.Empty(t, none.letters())
}

// A mail server that answers each command at the last moment does not keep a sender for longer than one attempt may last.
func TestASlowMailServerIsLeft(t *testing.T) {
	t.Parallel()
	server := &scripted{greeting: "220 x", pause: 600 * time.Millisecond}
	s := newSender(loopback(), driver.NewSecrets(""))
	s.timeout = time.Second
	err := s.send(t.Context(), mailTo(server.listen(t), recipients, nil), told(t, hot))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, "the receiver does not answer in time", describe(err))
	require.Empty(t, server.letters())
}

// Names that hold lines, written out or encoded as RFC 2047 has it, make no headers.
func TestNamesMakeNoHeaders(t *testing.T) {
	t.Parallel()
	for _, from := range []string{`=?utf-8?q?x=0D=0ABcc:_evil@example.org?= <nms@example.org>`, `"x\r\nBcc: evil@example.org" <nms@example.org>`} {
		item := hot
		item.EquipmentName = "rx\r\nBcc: evil@example.org\r\n\r\n.\r\nMAIL FROM:<evil@example.org>"
		msg, err := letter(&mailOptions{From: from}, []string{"a@example.org"}, &Message{ID: "x", Kind: "alarms", Alarms: []Item{item}})
		if err != nil {
			continue // refused: as good
		}
		var text strings.Builder
		_, err = msg.WriteTo(&text)
		require.NoError(t, err)
		parsed, err := mail.ReadMessage(strings.NewReader(text.String()))
		require.NoError(t, err)
		require.Empty(t, parsed.Header.Get("Bcc"), text.String())
		require.Equal(t, "text/plain; charset=UTF-8", parsed.Header.Get("Content-Type"))
	}
}

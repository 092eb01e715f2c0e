package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nms.example/common/config"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
)

const (
	// timeout bounds one attempt to send.
	timeout = 20 * time.Second
	// maxRedirects is how often a webhook may lead elsewhere.
	maxRedirects = 3
	// maxAnswer is how much of an answer is read, so that the connection ends in order.
	maxAnswer = 4 << 10
)

// Message is what a webhook receives.
type Message struct {
	ID       string    `json:"id"`       // of the delivery: the same one again is a repetition
	Kind     string    `json:"kind"`     // alarms, heartbeat or test
	Receiver string    `json:"receiver"` // its name
	Created  time.Time `json:"created_at"`
	Alarms   []Item    `json:"alarms"`
}

// refusedError says that a receiver does not take a delivery, nor ever will.
type refusedError struct{ error }

func (e refusedError) Unwrap() error { return e.error }

// partlyError says that a delivery has reached some of a receiver's recipients, and why not the others.
type partlyError struct{ error }

func (e partlyError) Unwrap() error { return e.error }

// sender sends deliveries.
type sender struct {
	networks driver.Networks
	secrets  driver.Secrets
	dialer   net.Dialer
	client   *http.Client
	roots    *x509.CertPool // of mail servers; nil: those of the system
	timeout  time.Duration  // of one attempt
}

func newSender(networks driver.Networks, secrets driver.Secrets) *sender {
	s := &sender{networks: networks, secrets: secrets, timeout: timeout}
	s.dialer = net.Dialer{Control: s.control}
	s.client = &http.Client{
		Transport: &http.Transport{DialContext: s.dialer.DialContext, DisableKeepAlives: true, Proxy: nil},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects || req.Method != http.MethodPost:
				return driver.PlainError("the receiver redirects too often, or so that the message would be lost")
			case via[0].URL.Scheme == "https" && req.URL.Scheme != "https":
				return driver.PlainError("the receiver redirects to where the message would not be encrypted")
			default:
				return nil
			}
		},
	}
	return s
}

// control refuses a connection to an address outside the networks. It is asked behind the resolution of names, about the very address that is connected to,
// and so on redirects too.
func (s *sender) control(_, address string, _ syscall.RawConn) error {
	peer, err := netip.ParseAddrPort(address)
	if err != nil || !s.networks.Contains(peer.Addr()) {
		return errNotAllowed
	}
	return nil
}

// send sends a delivery once. A refusedError says that it is in vain to send it again, a partlyError that some were told.
func (s *sender) send(ctx context.Context, r *Receiver, d *nmsdb.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	m := Message{ID: d.Guid.String(), Kind: d.Kind, Receiver: r.Name, Created: d.CreatedAt.UTC(), Alarms: []Item{}}
	if err := json.Unmarshal(d.Items, &m.Alarms); err != nil {
		return refusedError{err}
	}
	secret, err := s.secrets.Read(r.Secret)
	if err != nil {
		return err
	}
	if r.Kind == smtp {
		return s.mail(ctx, r, &m, secret)
	}
	return s.post(ctx, r, &m, secret)
}

// post calls a webhook. The headers are those of Standard Webhooks (https://www.standardwebhooks.com): the signature is HMAC-SHA256 over id, time and body.
func (s *sender) post(ctx context.Context, r *Receiver, m *Message, secret config.Secret) error {
	body, err := json.Marshal(m)
	if err != nil {
		return refusedError{err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Address, bytes.NewReader(body))
	if err != nil {
		return refusedError{err}
	}
	if len(signingKey(secret.Reveal())) == 0 {
		return errNoKey
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "nms-ctrl")
	req.Header.Set("Webhook-Id", m.ID)
	req.Header.Set("Webhook-Timestamp", stamp)
	req.Header.Set("Webhook-Signature", "v1,"+Sign(secret.Reveal(), m.ID, stamp, body))
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // what it says does not matter
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusRequestEntityTooLarge || resp.StatusCode == http.StatusUnprocessableEntity:
		return refusedError{driver.PlainError(fmt.Sprintf("the receiver refuses it with status %d", resp.StatusCode))}
	default:
		return driver.PlainError(fmt.Sprintf("the receiver answers with status %d", resp.StatusCode))
	}
}

// signingKey returns the key that a secret holds: its text, or, behind "whsec_", what is written there in base64. Empty: it holds none.
func signingKey(secret string) []byte {
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			return decoded
		}
	}
	return []byte(secret)
}

// Sign returns the signature of a message of a webhook, base64.
func Sign(secret, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, signingKey(secret))
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

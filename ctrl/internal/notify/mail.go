package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"nms.example/common/config"

	"nms.example/ctrl/internal/driver"
)

// mail sends a message by SMTP.
func (s *sender) mail(ctx context.Context, r *Receiver, m *Message, secret config.Secret) error {
	var o mailOptions
	if err := json.Unmarshal(r.Options, &o); err != nil {
		return refusedError{err}
	}
	if _, err := letter(&o, o.To, m); err != nil {
		return refusedError{err}
	}
	host, port, err := net.SplitHostPort(r.Address)
	if err != nil {
		return refusedError{err}
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return refusedError{err}
	}
	dial, done := bounded(ctx, s.dialer.DialContext)
	defer done()
	settings := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: s.roots}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(s.timeout), mail.WithoutNoop(), mail.WithTLSConfig(settings)}
	method := mail.SMTPAuthAutoDiscover
	switch o.Security {
	case "tls":
		// With a dial function of one's own the library leaves TLS to that, and finds no method by itself.
		options = append(options, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(encrypted(dial, settings)))
		method = mail.SMTPAuthPlain
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(dial))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithDialContextFunc(dial))
	}
	if o.User != "" {
		options = append(options, mail.WithSMTPAuth(method), mail.WithUsername(o.User), mail.WithPassword(secret.Reveal()))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return refusedError{err}
	}
	err = talk(ctx, client, &o, m)
	if ctx.Err() != nil && err != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// dialFunc connects.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// bounded has the connection closed when ctx ends, since the library waits for each answer anew, or when done is called, since it leaves open one whose farewell
// is not answered.
func bounded(ctx context.Context, dial dialFunc) (bounded dialFunc, done func()) {
	end := func() {}
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(dialing, network, address)
		if err == nil {
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			end = func() { stop(); _ = conn.Close() }
		}
		return conn, err
	}, func() { end() }
}

// encrypted puts TLS around connections from the beginning.
func encrypted(dial dialFunc, settings *tls.Config) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		plain, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(plain, settings)
		if err := conn.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, plain.Close())
		}
		return conn, nil
	}
}

// talk sends a message to all recipients at once, or, when the server refuses one of them, to each on its own, so that the others are told. How the connection ends
// behind a message that was taken is of no interest: it would be sent again.
func talk(ctx context.Context, client *mail.Client, o *mailOptions, m *Message) error {
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.CloseWithSMTPClient(conn) }()
	send := func(to ...string) error {
		msg, err := letter(o, to, m)
		if err != nil {
			return refusedError{err}
		}
		if err = client.SendWithSMTPClient(conn, msg); err == nil || msg.IsDelivered() {
			return nil
		}
		failed, ok := errors.AsType[*mail.SendError](err)
		if ok && !failed.IsTemp() && failed.ErrorCode()/100 == 5 {
			return refusedError{err}
		}
		return err
	}
	err = send(o.To...)
	if failed, ok := errors.AsType[*mail.SendError](err); !ok || failed.Reason != mail.ErrSMTPRcptTo || len(o.To) == 1 {
		return err
	}
	told := 0
	for _, to := range o.To {
		if one := send(to); one == nil {
			told++
		} else {
			err = one
		}
	}
	if told == 0 {
		return err
	}
	return partlyError{driver.PlainError(fmt.Sprintf("told were %d of %d recipients: %s", told, len(o.To), describe(err)))}
}

// letter writes a message as a mail to recipients.
func letter(o *mailOptions, to []string, m *Message) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(o.From); err != nil {
		return nil, err
	}
	if err := msg.To(to...); err != nil {
		return nil, err
	}
	msg.Subject(title(m))
	msg.SetDateWithValue(m.Created)
	msg.SetMessageIDWithValue(m.ID + "@nms") // the same one again is a repetition
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, text(m))
	return msg, nil
}

// title is the subject of a mail.
func title(m *Message) string {
	switch {
	case m.Kind == "heartbeat":
		return "[nms] heartbeat"
	case m.Kind == "test":
		return "[nms] test"
	case len(m.Alarms) == 1:
		return "[nms] " + line(&m.Alarms[0])
	default:
		return fmt.Sprintf("[nms] %d changes of alarms", len(m.Alarms))
	}
}

// line says in one line what is told of an alarm.
func line(i *Item) string {
	return fmt.Sprintf("%s %s: %s: %s", strings.ToUpper(i.Severity), i.Event, i.EquipmentName, i.Text)
}

// text is the body of a mail.
func text(m *Message) string {
	switch m.Kind {
	case "heartbeat":
		return "Notifications work. This message comes regularly; when it does not, something on the way is broken.\n"
	case "test":
		return "This is a test of notifications, asked for by somebody.\n"
	}
	var b strings.Builder
	for i := range m.Alarms {
		item := &m.Alarms[i]
		fmt.Fprintf(&b, "%s\n  alarm %d, raised at %s, told of %s\n\n", line(item), item.AlarmID, item.RaisedAt.Format(time.RFC3339), item.At.Format(time.RFC3339))
	}
	return b.String()
}

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
)

// mail sends a message by SMTP.
func (s *sender) mail(ctx context.Context, r *Receiver, m *Message, secret config.Secret) error {
	var o mailOptions
	if err := json.Unmarshal(r.Options, &o); err != nil {
		return refusedError{err}
	}
	msg, err := letter(&o, m)
	if err != nil {
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
	settings := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: s.roots}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(timeout), mail.WithoutNoop(), mail.WithTLSConfig(settings)}
	method := mail.SMTPAuthAutoDiscover
	switch o.Security {
	case "tls":
		// With a dial function of one's own the library leaves TLS to that, and finds no method by itself.
		dialer := tls.Dialer{NetDialer: &s.dialer, Config: settings}
		options = append(options, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(dialer.DialContext))
		method = mail.SMTPAuthPlain
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS), mail.WithDialContextFunc(s.dialer.DialContext))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithDialContextFunc(s.dialer.DialContext))
	}
	if o.User != "" {
		options = append(options, mail.WithSMTPAuth(method), mail.WithUsername(o.User), mail.WithPassword(secret.Reveal()))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return refusedError{err}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if failed, ok := errors.AsType[*mail.SendError](err); ok && !failed.IsTemp() && failed.ErrorCode()/100 == 5 {
		return refusedError{fmt.Errorf("the mail server refuses it with code %d", failed.ErrorCode())}
	}
	return err
}

// letter writes a message as a mail.
func letter(o *mailOptions, m *Message) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(o.From); err != nil {
		return nil, err
	}
	if err := msg.To(o.To...); err != nil {
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

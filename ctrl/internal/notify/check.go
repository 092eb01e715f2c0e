package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/ctrl/internal/threshold"
)

// The kinds of receivers.
const (
	webhook = "webhook"
	smtp    = "smtp"
)

// mailOptions are the options of a receiver of kind smtp.
type mailOptions struct {
	From     string   `json:"from"`
	To       []string `json:"to"`
	User     string   `json:"user"`
	Security string   `json:"security"`
}

// maxRecipients bounds the recipients of a mail.
const maxRecipients = 50

// strict reads an object whose members are all known.
func strict(raw json.RawMessage, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

// checkReceiver lists everything that is wrong with a draft, after what may be left out is put in.
func (n *Notifications) checkReceiver(d *ReceiverDraft) error {
	if len(d.Options) == 0 || bytes.Equal(bytes.TrimSpace(d.Options), []byte("null")) {
		d.Options = json.RawMessage("{}")
	}
	var details []fault.Detail
	add := func(err error, field string) {
		if err == nil {
			return
		}
		if f := fault.As(err); f != nil {
			details = append(details, f.Details...)
			return
		}
		details = append(details, fault.NewDetail(fault.Field(field), codeReceiver, err.Error()))
	}
	add(name.CheckAt(fault.Field("name"), d.Name), "name")
	if d.Kind == webhook {
		add(n.checkURL(d.Address), "address")
		if strict(d.Options, new(struct{})) != nil {
			add(errors.New("must be an object without members: a webhook has no options"), "options")
		}
		if d.Secret == nil {
			details = append(details, fault.NewDetail(fault.Field("secret"), fault.CodeRequired, "is needed: what is sent is signed with it"))
		}
	} else {
		add(n.checkServer(d.Address), "address")
		add(checkMail(d), "options")
	}
	secret, err := n.secrets.Read(d.Secret)
	if err == nil && d.Kind == webhook && d.Secret != nil && len(signingKey(secret.Reveal())) == 0 {
		err = errNoKey
	}
	add(err, "secret")
	if len(details) == 0 {
		return nil
	}
	return errReceiver.With(details...)
}

func (n *Notifications) checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errors.New("must be an http or https URL without user and fragment")
	}
	return n.checkLiteral(u.Hostname())
}

func (n *Notifications) checkServer(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == '/' }) {
		return errors.New("must have the form host:port")
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return errors.New("must have a port from 1 to 65535")
	}
	return n.checkLiteral(host)
}

// checkLiteral refuses an address that is written as a number and lies outside the networks. Names are looked at when they are resolved.
func (n *Notifications) checkLiteral(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil && !n.sender.networks.Contains(addr) {
		return errNotAllowed
	}
	return nil
}

func checkMail(d *ReceiverDraft) error {
	var o mailOptions
	if err := strict(d.Options, &o); err != nil {
		return errors.New(`must be an object with "from" and "to", and may have "user" and "security"`)
	}
	if len(o.To) == 0 || len(o.To) > maxRecipients {
		return errors.New(`needs "to": 1 to 50 addresses`)
	}
	for _, address := range append([]string{o.From}, o.To...) {
		if _, err := mail.ParseAddress(address); err != nil {
			return errors.New(`"from" and "to" must be mail addresses`)
		}
	}
	switch {
	case !slices.Contains([]string{"", "starttls", "tls", "none"}, o.Security):
		return errors.New(`"security" must be starttls, tls or none`)
	case (o.User == "") != (d.Secret == nil):
		return errors.New(`"user" and the secret go together`)
	case o.User != "" && o.Security == "none":
		return errors.New("a password is not sent in clear text")
	}
	return nil
}

// checkRoute lists everything that is wrong with a draft.
func checkRoute(d *RouteDraft) error {
	var details []fault.Detail
	if refused := fault.As(name.CheckAt(fault.Field("name"), d.Name)); refused != nil {
		details = append(details, refused.Details...)
	}
	if _, ok := threshold.SeverityOf(d.Severity); !ok {
		details = append(details, fault.NewDetail(fault.Field("severity"), fault.CodeNotOneOf, "is no severity"))
	}
	sorted := slices.Sorted(slices.Values(d.Receivers))
	if len(sorted) == 0 {
		details = append(details, fault.NewDetail(fault.Field("receivers"), fault.CodeTooFew, "needs a receiver"))
	}
	if len(slices.Compact(sorted)) != len(d.Receivers) {
		details = append(details, fault.NewDetail(fault.Field("receivers"), fault.CodeDuplicates, "names a receiver twice"))
	}
	if len(details) == 0 {
		return nil
	}
	return errRoute.With(details...)
}

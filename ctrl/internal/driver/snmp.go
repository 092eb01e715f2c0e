package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gosnmp/gosnmp"

	"nms.example/common/config"

	"nms.example/ctrl/internal/template"
)

// snmp speaks SNMP v2c and v3 over UDP, one request at a time and never a second one: a SET whose answer was lost has perhaps been
// executed. The endpoint's secret is the community; for v3 it is the authentication passphrase and, on a second line, the
// privacy passphrase.
type snmp struct {
	networks Networks
	// idle are sessions of v2c that nobody uses: each has a buffer of 64 KiB, which every poll would have to make anew.
	idle *sync.Pool
}

func newSNMP(allowed Networks) snmp { return snmp{allowed, new(sync.Pool)} }

type (
	snmpOptions struct {
		Version string `json:"version"` // "2c" (the default) or "3"
		User    string `json:"user"`    // v3
		Auth    string `json:"auth"`    // v3: sha, sha224, sha256, sha384 or sha512
		Priv    string `json:"priv"`    // v3: aes, aes192 or aes256; empty: no privacy
	}
	snmpSend struct {
		Set []snmpVariable `json:"set"`
	}
	snmpVariable struct {
		OID   string `json:"oid"`
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
	snmpRead struct {
		OID string `json:"oid"`
	}
)

// sysUpTime is what every agent has (RFC 3418).
const sysUpTime = "1.3.6.1.2.1.1.3.0"

// maxVariables bounds the variables of one SET.
const maxVariables = 20

// oidForm is an OID in digits; isOID also bounds its length, at 128 parts (RFC 3416).
var oidForm = regexp.MustCompile(`^\.?[0-2](\.[0-9]{1,10})+$`)

var snmpAuth = map[string]gosnmp.SnmpV3AuthProtocol{
	"sha": gosnmp.SHA, "sha224": gosnmp.SHA224, "sha256": gosnmp.SHA256, "sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512,
}

var snmpPriv = map[string]gosnmp.SnmpV3PrivProtocol{"aes": gosnmp.AES, "aes192": gosnmp.AES192, "aes256": gosnmp.AES256}

func (d snmp) CheckAddress(address string) error { return d.networks.checkHostPort(address) }

func (snmp) CheckOptions(options json.RawMessage) error {
	_, err := snmpOptionsOf(options)
	return err
}

func snmpOptionsOf(options json.RawMessage) (o snmpOptions, err error) {
	if len(options) > 0 {
		if err := strict(options, &o); err != nil {
			return o, err
		}
	}
	switch o.Version {
	case "", "2c":
		if o.User != "" || o.Auth != "" || o.Priv != "" {
			return o, errors.New(`"user", "auth" and "priv" belong to version 3`)
		}
	case "3":
		if _, ok := snmpAuth[o.Auth]; !ok || o.User == "" {
			return o, errors.New(`version 3 needs "user" and "auth": sha, sha224, sha256, sha384 or sha512`)
		}
		if _, ok := snmpPriv[o.Priv]; !ok && o.Priv != "" {
			return o, errors.New(`"priv" must be aes, aes192 or aes256`)
		}
	default:
		return o, errors.New(`"version" must be 2c or 3`)
	}
	return o, visible("user", o.User)
}

// minPassphrase is the least length of a passphrase (RFC 3414, section 11.2).
const minPassphrase = 8

func (snmp) CheckSecret(options json.RawMessage, secret config.Secret) error {
	o, err := snmpOptionsOf(options)
	if err != nil || o.Version != "3" {
		return nil //nolint:nilerr // CheckOptions says so
	}
	auth, priv := passphrases(secret)
	if len(auth) < minPassphrase || o.Priv != "" && len(priv) < minPassphrase {
		return fmt.Errorf("must be a passphrase of at least %d characters, with \"priv\" on each of two lines", minPassphrase)
	}
	return nil
}

// passphrases are those of a secret of version 3: of authentication, and on a second line of privacy.
func passphrases(secret config.Secret) (auth, priv string) {
	auth, priv, _ = strings.Cut(secret.Reveal(), "\n")
	return strings.TrimSpace(auth), strings.TrimSpace(priv)
}

func (snmp) CheckSend(tmpl json.RawMessage) error {
	var t snmpSend
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if len(t.Set) == 0 || len(t.Set) > maxVariables {
		return fmt.Errorf(`needs "set", 1 to %d variables`, maxVariables)
	}
	for _, v := range t.Set {
		if !isOID(v.OID) {
			return errors.New(`each variable needs "oid", such as 1.3.6.1.2.1.1.6.0`)
		}
		if _, ok := snmpTypes[v.Type]; !ok || v.Value == nil {
			return errors.New(`each variable needs "value" and "type": integer, string, oid, ipaddress, gauge32, timeticks or counter64`)
		}
	}
	return nil
}

func (snmp) CheckRead(tmpl json.RawMessage) error {
	var t snmpRead
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if !isOID(t.OID) {
		return errors.New(`needs "oid", such as 1.3.6.1.2.1.1.6.0`)
	}
	return nil
}

func (snmp) Prepare(tmpl json.RawMessage, args template.Args) (Request, error) {
	var t snmpSend
	if err := strict(tmpl, &t); err != nil {
		return Request{}, err
	}
	var shown []string
	for i, v := range t.Set {
		value, err := template.Value(v.Value, args)
		if err != nil {
			return Request{}, err
		}
		t.Set[i].Value = value
		if _, err := t.Set[i].pdu(); err != nil {
			return Request{}, err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return Request{}, err
		}
		shown = append(shown, fmt.Sprintf("%s %s %s", v.OID, v.Type, text))
	}
	return request("SET "+strings.Join(shown, ", "), t)
}

// snmpTypes make a variable's value of what JSON has.
var snmpTypes = map[string]struct {
	kind gosnmp.Asn1BER
	read func(text string) (any, error)
}{
	"integer":   {gosnmp.Integer, func(text string) (any, error) { n, err := strconv.ParseInt(text, 10, 32); return int(n), err }},
	"string":    {gosnmp.OctetString, func(text string) (any, error) { return text, nil }},
	"oid":       {gosnmp.ObjectIdentifier, readOID},
	"ipaddress": {gosnmp.IPAddress, readIPv4},
	"gauge32":   {gosnmp.Gauge32, readUint32},
	"timeticks": {gosnmp.TimeTicks, readUint32},
	"counter64": {gosnmp.Counter64, func(text string) (any, error) { return strconv.ParseUint(text, 10, 64) }},
}

func isOID(text string) bool { return oidForm.MatchString(text) && strings.Count(text, ".") <= 128 }

func readUint32(text string) (any, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(min(n, math.MaxUint32)), err
}

func readOID(text string) (any, error) {
	if !isOID(text) {
		return nil, errors.New("no OID")
	}
	return text, nil
}

func readIPv4(text string) (any, error) {
	if ip := net.ParseIP(text); ip.To4() == nil {
		return nil, errors.New("no IPv4 address")
	}
	return text, nil
}

func (v snmpVariable) pdu() (gosnmp.SnmpPDU, error) {
	of, ok := snmpTypes[v.Type]
	if !ok {
		return gosnmp.SnmpPDU{}, errForm
	}
	var text string
	switch value := v.Value.(type) {
	case string:
		text = value
	case json.Number:
		text = value.String()
	default:
		return gosnmp.SnmpPDU{}, errors.New("a value must be a text or a number")
	}
	value, err := of.read(text)
	if err != nil {
		return gosnmp.SnmpPDU{}, fmt.Errorf("a value is no %s", v.Type)
	}
	return gosnmp.SnmpPDU{Name: v.OID, Type: of.kind, Value: value}, nil
}

// connect makes a session of its own for one operation: sessions that are shared mix up answers.
func (d snmp) connect(ctx context.Context, e Endpoint) (*gosnmp.GoSNMP, error) {
	o, err := snmpOptionsOf(e.Options)
	if err != nil {
		return nil, err
	}
	host, portText, err := net.SplitHostPort(e.Address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	session := &gosnmp.GoSNMP{
		Target: host, Port: uint16(port), Transport: "udp", Version: gosnmp.Version2c, Community: e.Secret.Reveal(),
		Context: ctx, Timeout: timeoutOf(ctx), Retries: 0, MaxOids: gosnmp.MaxOids, Control: d.networks.control,
	}
	if o.Version == "3" {
		secureSNMP(session, o, e.Secret)
	}
	return session, session.Connect()
}

// timeoutOf is how long an answer may take.
func timeoutOf(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Until(deadline), time.Millisecond)
	}
	return time.Minute
}

func secureSNMP(session *gosnmp.GoSNMP, o snmpOptions, secret config.Secret) {
	auth, priv := passphrases(secret)
	usm := &gosnmp.UsmSecurityParameters{
		UserName: o.User, AuthenticationProtocol: snmpAuth[o.Auth], AuthenticationPassphrase: auth,
	}
	session.MsgFlags = gosnmp.AuthNoPriv
	if o.Priv != "" {
		usm.PrivacyProtocol, usm.PrivacyPassphrase = snmpPriv[o.Priv], priv
		session.MsgFlags = gosnmp.AuthPriv
	}
	session.Version, session.SecurityModel, session.SecurityParameters = gosnmp.Version3, gosnmp.UserSecurityModel, usm
}

// again connects a session that was used before, if there is one and the endpoint speaks v2c.
func (d snmp) again(ctx context.Context, e Endpoint) (*gosnmp.GoSNMP, error) {
	if o, err := snmpOptionsOf(e.Options); err != nil || o.Version == "3" {
		return d.connect(ctx, e)
	}
	session, ok := d.idle.Get().(*gosnmp.GoSNMP)
	if !ok {
		return d.connect(ctx, e)
	}
	conn, err := (&net.Dialer{Control: d.networks.control}).DialContext(ctx, "udp", e.Address)
	if err != nil {
		return nil, err
	}
	session.Conn, session.Community, session.Context, session.Timeout = conn, e.Secret.Reveal(), ctx, timeoutOf(ctx)
	return session, nil
}

// done keeps a session whose request was answered for another poll, with nothing in it of this one.
func (d snmp) done(session *gosnmp.GoSNMP) {
	if session.Version == gosnmp.Version2c {
		session.Conn, session.Community, session.Context = nil, "", nil
		d.idle.Put(session)
	}
}

func (d snmp) Poll(ctx context.Context, e Endpoint, points []Point) ([]Value, error) {
	session, err := d.again(ctx, e)
	if err != nil {
		return nil, err
	}
	conn := session.Conn
	defer conn.Close()
	defer watch(ctx, conn)()
	if len(points) == 0 {
		points = []Point{{Read: json.RawMessage(`{"oid":"` + sysUpTime + `"}`)}}
	}
	oids := make([]string, len(points))
	for i, p := range points {
		var t snmpRead
		if err := strict(p.Read, &t); err != nil {
			return nil, err
		}
		oids[i] = t.OID
	}
	packet, err := session.Get(oids)
	if err != nil {
		return nil, err
	}
	d.done(session)
	if packet.Error != gosnmp.NoError {
		return nil, PlainError("the agent answers " + packet.Error.String())
	}
	if len(packet.Variables) != len(points) {
		return nil, PlainError("the agent answers with another number of variables")
	}
	at := time.Now()
	values := make([]Value, len(points))
	for i, variable := range packet.Variables {
		values[i] = Value{Parameter: points[i].Parameter, At: at}
		values[i].Value, values[i].Problem = snmpValue(variable)
	}
	return values, nil
}

// snmpValue reads a variable; a missing one is no error of the packet.
func snmpValue(v gosnmp.SnmpPDU) (value any, problem string) {
	switch v.Type {
	case gosnmp.NoSuchObject, gosnmp.NoSuchInstance, gosnmp.EndOfMibView, gosnmp.Null:
		return nil, "the agent has no such variable"
	case gosnmp.OctetString:
		if raw, ok := v.Value.([]byte); ok {
			return clean(string(raw)), ""
		}
	case gosnmp.ObjectIdentifier, gosnmp.IPAddress:
		if text, ok := v.Value.(string); ok {
			return text, ""
		}
	default:
		if number := gosnmp.ToBigInt(v.Value); number != nil {
			return json.Number(number.String()), ""
		}
	}
	return nil, "the variable is of a type that cannot be read"
}

func (d snmp) Send(ctx context.Context, e Endpoint, r Request) (Outcome, Reply, error) {
	var t snmpSend
	if err := strict(r.Body, &t); err != nil {
		return NotSent, Reply{}, err
	}
	pdus := make([]gosnmp.SnmpPDU, len(t.Set))
	for i, v := range t.Set {
		var err error
		if pdus[i], err = v.pdu(); err != nil {
			return NotSent, Reply{}, err
		}
	}
	session, err := d.connect(ctx, e)
	if err != nil {
		return NotSent, Reply{}, err
	}
	defer session.Conn.Close()
	defer watch(ctx, session.Conn)()
	packet, err := session.Set(pdus)
	switch {
	case err != nil:
		return Unknown, Reply{}, err
	case packet.Error != gosnmp.NoError: // a refused SET is no error of the call
		return Refused, Reply{packet.Error.String()}, errRefused
	default:
		return Accepted, Reply{packet.Error.String()}, nil
	}
}

package driver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/station"
	"nms.example/ctrl/internal/template"
)

// loopback is where the tests' peers are.
var loopback = func() (n driver.Networks) {
	if err := n.Decode("127.0.0.0/8"); err != nil {
		panic(err)
	}
	return n
}()

// find returns a driver that reaches networks.
func find(t *testing.T, networks driver.Networks, name string) driver.Driver {
	t.Helper()
	d, err := driver.NewSet(networks).Find(name)
	require.NoError(t, err)
	return d
}

// try has the driver of the name prepare and send a template.
func try(ctx context.Context, t *testing.T, name string, e driver.Endpoint, tmpl string, args template.Args) (driver.Outcome, driver.Reply, error) {
	t.Helper()
	d := find(t, loopback, name)
	require.NoError(t, d.CheckAddress(e.Address))
	require.NoError(t, d.CheckOptions(e.Options))
	require.NoError(t, d.CheckSend(json.RawMessage(tmpl)))
	r, err := d.Prepare(json.RawMessage(tmpl), args)
	require.NoError(t, err)
	return d.Send(ctx, e, r)
}

// poll reads points, "parameter template".
func poll(t *testing.T, name string, e driver.Endpoint, points ...string) []driver.Value {
	t.Helper()
	d := find(t, loopback, name)
	var list []driver.Point
	for _, p := range points {
		parameter, read, _ := strings.Cut(p, " ")
		require.NoError(t, d.CheckRead(json.RawMessage(read)))
		list = append(list, driver.Point{Parameter: parameter, Read: json.RawMessage(read)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	values, err := d.Poll(ctx, e, list)
	require.NoError(t, err)
	return values
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	t.Cleanup(cancel)
	return ctx
}

// until returns a context that ends when something has happened.
func until(t *testing.T, happened func() bool) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for !happened() && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	t.Cleanup(func() { cancel(); <-watched })
	return ctx
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

var gain = template.Args{"gain": json.Number("12.5"), "name": "x"}

// Whatever the protocol: nobody there is provably not sent, and so is an address outside.
func TestNobodyThereIsNotSent(t *testing.T) {
	t.Parallel()
	const nobody = "127.0.0.1:1" // a free port might be another test's by now
	for name, c := range map[string]struct{ address, options, tmpl string }{
		"simulator": {nobody, `{"device":"rx1"}`, `{"set":"gain_db","value":"{gain}"}`},
		"scpi":      {nobody, `{}`, `{"write":"GAIN {gain}"}`},
		"http":      {"http://" + nobody, `{}`, `{"method":"PUT","path":"/gain","body":{"gain":"{gain}"}}`},
	} {
		e := driver.Endpoint{Address: c.address, Options: json.RawMessage(c.options)}
		outcome, _, err := try(patient(t), t, name, e, c.tmpl, gain)
		require.Error(t, err)
		require.Equal(t, driver.NotSent, outcome, name)

		elsewhere := find(t, nil, name)
		r, err := elsewhere.Prepare(json.RawMessage(c.tmpl), gain)
		require.NoError(t, err)
		e.Address = strings.Replace(e.Address, "127.0.0.1", "localhost", 1)
		outcome, _, err = elsewhere.Send(patient(t), e, r)
		require.ErrorIs(t, err, driver.ErrNotAllowed, name)
		require.Equal(t, driver.NotSent, outcome, name)
		_, err = elsewhere.Poll(patient(t), e, nil)
		require.ErrorIs(t, err, driver.ErrNotAllowed, name)
	}
}

func TestTheZeroOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	var o driver.Outcome
	require.Equal(t, driver.Unknown, o)
	require.Equal(t, "unknown", o.String())
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	var n driver.Networks
	require.Error(t, n.Decode("10.0.0.0"))
	require.NoError(t, n.Decode(" 10.1.2.3/8 ,, fd00::/8"))
	for address, inside := range map[string]bool{
		"10.255.0.1:80": true, "11.0.0.1:80": false, "[fd00::1]:80": true, "[fe80::1]:80": false, "[::ffff:10.0.0.1]:80": true,
		"name.example:80": true, // looked at when it is resolved
	} {
		err := find(t, n, "scpi").CheckAddress(address)
		require.Equal(t, inside, err == nil, address)
	}
	for _, address := range []string{"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:scpi", ":80", "a b:80"} {
		require.Error(t, find(t, n, "scpi").CheckAddress(address), address)
	}
	for _, address := range []string{"10.0.0.1", "ftp://10.0.0.1", "http://", "http://user@10.0.0.1/", "http://10.0.0.1/?a=1", "http://11.0.0.1/"} {
		require.Error(t, find(t, n, "http").CheckAddress(address), address)
	}
}

func TestSecretsAreFilesOfOneDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "token"), []byte("s3cret\r\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "long"), make([]byte, 5000), 0o600))
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(dir, "link")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600)) // which nobody writes to
	secrets := driver.NewSecrets(dir)
	secret, err := secrets.Read(new("token"))
	require.NoError(t, err)
	require.Equal(t, "s3cret", secret.Reveal())
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", secret, secret, secret), "s3cret")
	secret, err = secrets.Read(nil)
	require.NoError(t, err)
	require.True(t, secret.IsZero())
	for _, name := range []string{"", "none", "../token", "/etc/hostname", "link", "long", "a/b", "folder", "pipe"} {
		_, err := secrets.Read(&name)
		require.ErrorIs(t, err, driver.ErrSecret, name)
	}
	_, err = driver.NewSecrets("").Read(new("token"))
	require.ErrorIs(t, err, driver.ErrSecret)
}

func TestSimulator(t *testing.T) {
	t.Parallel()
	s, listener := station.New(), listen(t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	e := driver.Endpoint{Address: listener.Addr().String(), Options: json.RawMessage(`{"device":"rx1"}`)}
	const set = `{"set":"gain_db","value":"{gain}"}`
	poll(t, "simulator", e)

	outcome, _, err := try(patient(t), t, "simulator", e, set, gain)
	require.NoError(t, err)
	require.Equal(t, driver.Accepted, outcome)
	values := poll(t, "simulator", e, `gain {"get":"gain_db"}`, `mode {"get":"mode"}`, `none {"get":"none"}`)
	require.Equal(t, []any{json.Number("12.5"), "standby", nil}, []any{values[0].Value, values[1].Value, values[2].Value})
	require.NotEmpty(t, values[2].Problem)

	outcome, reply, err := try(patient(t), t, "simulator", e, set, template.Args{"gain": json.Number("61")})
	require.Error(t, err)
	require.Equal(t, driver.Refused, outcome)
	require.Contains(t, reply.Text, "from 0 to 60")
	require.NoError(t, s.SetFault("rx1", station.LostAnswers, true))
	outcome, _, err = try(until(t, func() bool { return len(s.Executed()) == 2 }), t, "simulator", e, set, gain)
	require.Error(t, err)
	require.Equal(t, driver.Unknown, outcome)
	require.Len(t, s.Executed(), 2)
}

// An argument stays an argument.
func TestArgumentsDoNotBecomeCommands(t *testing.T) {
	t.Parallel()
	scpi, http := find(t, loopback, "scpi"), find(t, loopback, "http")
	for _, text := range []string{"1;*RST", "1\nGAIN 9", `a"b`, "x?", "#15", "ж"} {
		_, err := scpi.Prepare(json.RawMessage(`{"write":"NAME {name}"}`), template.Args{"name": text})
		require.Error(t, err, text)
	}
	r, err := http.Prepare(json.RawMessage(`{"method":"PUT","path":"/a/{name}?x={name}"}`), template.Args{"name": "../b c?d&e=f#g"})
	require.NoError(t, err)
	require.Equal(t, "PUT /a/..%2Fb%20c%3Fd%26e%3Df%23g?x=..%2Fb%20c%3Fd%26e%3Df%23g", r.Wire)
	_, err = http.Prepare(json.RawMessage(`{"method":"PUT","path":"/a/{name}"}`), template.Args{"name": ".."})
	require.Error(t, err)
}

// What does not end is not waited for, and fills no memory.
func TestAnAnswerWithoutEndIsBrokenOff(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for block := []byte(strings.Repeat("1", 64<<10)); ; {
					if _, err := conn.Write(block); err != nil {
						return
					}
				}
			}()
		}
	}()
	for name, c := range map[string]struct{ options, send, read string }{
		"scpi":      {`{}`, `{"write":"GAIN 1"}`, `{"query":"GAIN?"}`},
		"simulator": {`{"device":"rx1"}`, `{"set":"gain_db","value":1}`, `{"get":"gain_db"}`},
	} {
		e := driver.Endpoint{Address: listener.Addr().String(), Options: json.RawMessage(c.options)}
		_, _, err := try(patient(t), t, name, e, c.send, nil)
		require.EqualError(t, err, "the answer does not end", name)
		_, err = find(t, loopback, name).Poll(patient(t), e, []driver.Point{{Parameter: "gain", Read: json.RawMessage(c.read)}})
		require.EqualError(t, err, "the answer does not end", name)
	}
}

func TestTemplatesThatADriverDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ send, read []string }{
		"simulator": {[]string{`{}`, `{"set":"x"}`, `{"set":"x","value":1,"more":1}`, `[]`}, []string{`{}`, `{"get":1}`}},
		"scpi":      {[]string{`{}`, `{"write":""}`, `{"write":"A?"}`, `{"write":"A\nB"}`, `{"query":"A?"}`}, []string{`{}`, `{"query":"A"}`, `{"query":"A?;B?"}`}},
		"http":      {[]string{`{}`, `{"method":"TRACE","path":"/"}`, `{"method":"PUT","path":"x"}`, `{"method":"PUT","path":"//x"}`}, []string{`{}`, `{"path":"/","pointer":"x"}`}},
		"snmp":      {[]string{`{}`, `{"set":[]}`, `{"set":[{"oid":"x","type":"integer","value":1}]}`, `{"set":[{"oid":"1.3.6","type":"colour","value":1}]}`}, []string{`{}`, `{"oid":"1..3"}`}},
	} {
		d := find(t, loopback, name)
		for _, tmpl := range c.send {
			require.Error(t, d.CheckSend(json.RawMessage(tmpl)), "%s %s", name, tmpl)
		}
		for _, tmpl := range c.read {
			require.Error(t, d.CheckRead(json.RawMessage(tmpl)), "%s %s", name, tmpl)
		}
	}
}

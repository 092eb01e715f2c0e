package driver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
	"nms.example/common/proctest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/template"
)

// agent starts net-snmp's snmpd with a community and two users of version 3.
func agent(t *testing.T) (address string) {
	t.Helper()
	dir, port := t.TempDir(), proctest.FreePort(t)
	address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	file := filepath.Join(dir, "snmpd.conf")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `agentaddress udp:%s
rwcommunity community-of-tests 127.0.0.1
rocommunity reader 127.0.0.1
createUser first SHA-256 "authentication1" AES "privacy-first1"
createUser second SHA-512 "authentication2" AES-256 "privacy-second2"
rwuser first priv
rwuser second priv
`, address), 0o600))
	p := proctest.New(t, dir, []string{"SNMP_PERSISTENT_DIR=" + dir, "HOME=" + dir}, proctest.Find(t, "snmpd", "/usr/sbin/snmpd"),
		"-f", "-Lo", "-C", "-c", file, "-p", filepath.Join(dir, "pid"))
	p.Start()
	d := find(t, loopback, "snmp")
	waittest.Until(t, "snmpd answers", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := d.Poll(ctx, driver.Endpoint{Address: address, Secret: config.NewSecret("reader")}, nil)
		return err == nil
	})
	return address
}

const (
	sysContact  = "1.3.6.1.2.1.1.4.0"
	sysName     = "1.3.6.1.2.1.1.5.0"
	sysLocation = "1.3.6.1.2.1.1.6.0"
	setReadOnly = `{"set":[{"oid":"1.3.6.1.2.1.1.3.0","type":"timeticks","value":"{gain}"}]}`
)

func setText(oid string) string {
	return `{"set":[{"oid":"` + oid + `","type":"string","value":"{name}"}]}`
}

func readText(oid string) string { return `name {"oid":"` + oid + `"}` }

func TestSNMP(t *testing.T) {
	t.Parallel()
	address := agent(t)
	for name, c := range map[string]struct{ oid, options, secret string }{
		"v2c":                  {sysName, `{}`, "community-of-tests"},
		"v3, SHA-256, AES":     {sysContact, `{"version":"3","user":"first","auth":"sha256","priv":"aes"}`, "authentication1\nprivacy-first1"},
		"v3, SHA-512, AES-256": {sysLocation, `{"version":"3","user":"second","auth":"sha512","priv":"aes256"}`, "authentication2\nprivacy-second2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := driver.Endpoint{Address: address, Options: json.RawMessage(c.options), Secret: config.NewSecret(c.secret)}
			outcome, _, err := try(patient(t), t, "snmp", e, setText(c.oid), template.Args{"name": name})
			require.NoError(t, err)
			require.Equal(t, driver.Accepted, outcome)
			values := poll(t, "snmp", e, readText(c.oid), `up {"oid":"1.3.6.1.2.1.1.3.0"}`, `none {"oid":"1.3.6.1.2.1.1.99.0"}`)
			require.Equal(t, name, values[0].Value)
			require.IsType(t, json.Number(""), values[1].Value)
			require.Nil(t, values[2].Value)
			require.NotEmpty(t, values[2].Problem, "a missing variable is no error of the packet")

			outcome, reply, err := try(patient(t), t, "snmp", e, setReadOnly, template.Args{"gain": json.Number("1")})
			require.Error(t, err)
			require.Equal(t, driver.Refused, outcome, "a refused SET is no error of the library")
			require.NotEmpty(t, reply.Text)
		})
	}
	t.Run("an agent does not answer a wrong community", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		outcome, _, err := try(ctx, t, "snmp", driver.Endpoint{Address: address, Secret: config.NewSecret("nobody")}, setText(sysName), template.Args{"name": "x"})
		require.Error(t, err)
		require.Equal(t, driver.Unknown, outcome)
	})
}

// A SET whose answer gets lost goes out once.
func TestALostSNMPAnswerIsUnknownAndSentOnce(t *testing.T) {
	t.Parallel()
	address := agent(t)
	var listening net.ListenConfig
	proxy, err := listening.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	to, err := net.Dial("udp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = proxy.Close(), to.Close() }) // at the end of the test
	var passed atomic.Int64
	go func() { // passes requests on, and no answer back
		buffer := make([]byte, 64<<10)
		for {
			n, _, err := proxy.ReadFrom(buffer)
			if err != nil {
				return
			}
			passed.Add(1)
			_, _ = to.Write(buffer[:n])
		}
	}()
	secret := config.NewSecret("community-of-tests")
	lost := until(t, func() bool { return passed.Load() > 0 })
	outcome, _, err := try(lost, t, "snmp", driver.Endpoint{Address: proxy.LocalAddr().String(), Secret: secret}, setText(sysName), template.Args{"name": "lost"})
	require.Error(t, err)
	require.Equal(t, driver.Unknown, outcome)
	require.EqualValues(t, 1, passed.Load())
	waittest.Until(t, "it was executed", func() bool {
		return poll(t, "snmp", driver.Endpoint{Address: address, Secret: secret}, readText(sysName))[0].Value == "lost"
	})
	require.EqualValues(t, 1, passed.Load())
}

// Over UDP, too, nothing outside of the networks is reached, by a session that was used before neither.
func TestSNMPStaysWithinTheNetworks(t *testing.T) {
	t.Parallel()
	d := find(t, driver.Networks{netip.MustParsePrefix("127.0.0.1/32")}, "snmp")
	inside := driver.Endpoint{Address: agent(t), Secret: config.NewSecret("community-of-tests")}
	outside := inside
	outside.Address = strings.Replace(inside.Address, "127.0.0.1", "127.0.0.2", 1)
	for range 2 {
		_, err := d.Poll(patient(t), outside, nil)
		require.ErrorIs(t, err, driver.ErrNotAllowed)
		_, err = d.Poll(patient(t), inside, nil)
		require.NoError(t, err)
	}
	r, err := d.Prepare(json.RawMessage(setText(sysName)), template.Args{"name": "x"})
	require.NoError(t, err)
	outcome, _, err := d.Send(patient(t), outside, r)
	require.ErrorIs(t, err, driver.ErrNotAllowed)
	require.Equal(t, driver.NotSent, outcome)
}

func TestOptionsOfSNMP(t *testing.T) {
	t.Parallel()
	d := find(t, loopback, "snmp")
	for options, fine := range map[string]bool{
		`{}`: true, `{"version":"2c"}`: true, `{"version":"1"}`: false, `{"user":"x"}`: false, `{"version":"3"}`: false,
		`{"version":"3","user":"x","auth":"sha256"}`: true, `{"version":"3","user":"x","auth":"md5"}`: false,
		`{"version":"3","user":"x","auth":"sha","priv":"des"}`: false, `{"community":"x"}`: false,
	} {
		require.Equal(t, fine, d.CheckOptions(json.RawMessage(options)) == nil, options)
	}
	for kind, values := range map[string]map[string]bool{
		"integer": {`1`: true, `"-5"`: true, `2147483648`: false, `1.5`: false, `"x"`: false, `true`: false},
		"gauge32": {`4294967295`: true, `-1`: false}, "counter64": {`18446744073709551615`: true},
		"ipaddress": {`"10.0.0.1"`: true, `"::1"`: false, `"x"`: false}, "oid": {`"` + sysName + `"`: true, `"x"`: false}, "string": {`"x"`: true},
	} {
		for value, fine := range values {
			_, err := d.Prepare(json.RawMessage(`{"set":[{"oid":"1.3.6.1","type":"`+kind+`","value":`+value+`}]}`), nil)
			require.Equal(t, fine, err == nil, "%s %s", kind, value)
		}
	}
}

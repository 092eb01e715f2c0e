package authntest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/config"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

const (
	// settle bounds the wait until a service has heard of the kit's keys and revocations.
	settle      = waittest.Bound
	callTimeout = waittest.Bound
)

// absent stands in paths for what no service has.
const absent = "4503599627370496"

var (
	parameter = regexp.MustCompile(`\{[^}]+\}`)
	// loopback is where the calls come from, elsewhere is not.
	loopback  = netip.MustParsePrefix("127.0.0.0/8")
	loopback6 = netip.MustParsePrefix("::1/128")
	elsewhere = netip.MustParsePrefix("192.0.2.0/24")
)

// credential is one row of the matrix.
type credential struct {
	name   string
	header string
	value  string
	access authn.Mask
	good   bool
}

// CheckService is CheckMatrix for an instance that runs with these settings: JWT_SECRET_KEY or JWT_SIGNING_KEY_FILE,
// REDIS_DSN and REDIS_PREFIX among them.
func CheckService(t *testing.T, i *servicetest.Instance, settings map[string]string) {
	t.Helper()
	var dsn config.RedisDSN
	require.NoError(t, dsn.Decode(settings["REDIS_DSN"]))
	redis := redistest.Open(t, redis.Settings{DSN: dsn, Prefix: settings["REDIS_PREFIX"]})
	For(t, settings).CheckMatrix(t, i.URL, i.Service.API().Operations(), redis)
}

// CheckMatrix calls each operation of the service at url with no credentials, with bad ones of every kind,
// and with each single permission, by token and by API key. Who is nobody gets 401, who lacks the permission
// 403, everybody else neither; what else a call comes to is not looked at. Calls that are let in do run their
// handlers: with `{}` as body, and ids that do not exist.
//
// The service must have been started with the kit's key, and redis must have its prefix.
func (k *Kit) CheckMatrix(t *testing.T, url string, operations []api.OperationInfo, redis *redis.Client) {
	t.Helper()
	require.NotEmpty(t, operations)
	credentials := k.credentials(t)
	k.Publish(t, redis)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	t.Cleanup(client.CloseIdleConnections)
	awaitFeed(t, client, url, operations, credentials)
	for _, op := range operations {
		t.Run(op.OperationID, func(t *testing.T) {
			for _, c := range credentials {
				expect(t, op, c, call(t, client, url, op, c))
			}
		})
	}
}

func (k *Kit) credentials(t *testing.T) []credential {
	t.Helper()
	all := authn.AllPermissions
	bad := func(name, token string) credential {
		return credential{name: name, header: "Authorization", value: "Bearer " + token}
	}
	badKey := func(name, key string) credential {
		return credential{name: name, header: authn.HeaderAPIKey, value: key}
	}
	over := time.Now().Add(-time.Second)
	list := []credential{
		{name: "nothing"},
		bad("rubbish", "rubbish"), bad("expired", k.Expired(t, all)), bad("wrong key", k.WrongKey(t, all)),
		bad("alg none", k.AlgNone(t, all)), bad("other alg", k.OtherAlg(t, all)),
		bad("other audience", k.OtherAudience(t, all)), bad("other issuer", k.OtherIssuer(t, all)),
		bad("no expiry", k.Forged(t, all, map[string]any{"exp": nil})),
		bad("no session", k.Forged(t, all, map[string]any{"sid": nil})),
		bad("revoked", k.Revoked(t, all)),
		badKey("unknown key", "nms_"+strings.Repeat("A", 43)), badKey("rubbish key", "rubbish"),
		badKey("ended key", k.KeyUntil(t, all, &over)), badKey("key from elsewhere", k.Key(t, all, elsewhere)),
	}
	for name, token := range k.AlgSwaps(t, all) {
		list = append(list, bad(name, token))
	}
	for _, access := range masks() {
		name := strings.Join(access.Names(), "+")
		list = append(list,
			credential{name: "token " + name, header: "Authorization", value: "bearer " + k.Token(t, access), access: access, good: true},
			credential{name: "key " + name, header: authn.HeaderAPIKey, value: k.Key(t, access, loopback, loopback6), access: access, good: true})
	}
	return list
}

// masks returns no permission, each single one and all of them.
func masks() []authn.Mask {
	list := []authn.Mask{0}
	for _, p := range authn.Permissions() {
		list = append(list, authn.Mask(p))
	}
	return append(list, authn.AllPermissions)
}

// awaitFeed waits until the service knows the last key and the revocation.
func awaitFeed(t *testing.T, client *http.Client, url string, operations []api.OperationInfo, all []credential) {
	t.Helper()
	var probe api.OperationInfo
	for _, op := range operations {
		if _, ok := op.Access.Permission(); ok && op.Method == http.MethodGet {
			probe = op
			break
		}
	}
	if probe.Path == "" {
		return // nothing but public operations
	}
	deadline := time.Now().Add(settle)
	for _, c := range all {
		if c.name != "revoked" && c.value != all[len(all)-1].value {
			continue
		}
		for refused := !c.good; (call(t, client, url, probe, c) == http.StatusUnauthorized) != refused; {
			require.True(t, time.Now().Before(deadline), "the service did not hear of: %s", c.name)
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func call(t *testing.T, client *http.Client, url string, op api.OperationInfo, c credential) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel() // also ends answers without end, of which only the status matters
	var body io.Reader
	if op.Method != http.MethodGet {
		body = strings.NewReader("{}")
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, url+parameter.ReplaceAllString(op.Path, absent), body)
	require.NoError(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.header != "" {
		r.Header.Set(c.header, c.value)
	}
	answer, err := client.Do(r)
	require.NoError(t, err, "%s %s with %s", op.Method, op.Path, c.name)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func expect(t *testing.T, op api.OperationInfo, c credential, got int) {
	t.Helper()
	need, named := op.Access.Permission()
	what := fmt.Sprintf("%s %s (%s) with %s", op.Method, op.Path, op.Access, c.name)
	switch {
	case op.Access.IsPublic():
		require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, got, what)
	case !c.good:
		require.Equal(t, http.StatusUnauthorized, got, what)
	case named && !c.access.Has(need):
		require.Equal(t, http.StatusForbidden, got, what)
	case named:
		require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, got, what)
	default: // for users only, perhaps
		require.NotEqual(t, http.StatusUnauthorized, got, what)
	}
}

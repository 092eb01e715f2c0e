package authn_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// publisher is what auth is to the other services: an address with keys, or with something else.
type publisher struct {
	t      *testing.T
	server *httptest.Server
	reads  atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
}

func publish(t *testing.T, kits ...*authntest.Kit) *publisher {
	t.Helper()
	p := &publisher{t: t}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.reads.Add(1)
		(*p.answer.Load())(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.keys(kits...)
	return p
}

// keys publishes the keys of these kits; of none it answers 404, as an auth with a shared secret does.
func (p *publisher) keys(kits ...*authntest.Kit) {
	p.t.Helper()
	if len(kits) == 0 {
		p.serve(http.NotFound)
		return
	}
	p.text(string(jwks(p.t, kits...)))
}

func (p *publisher) text(body string) {
	p.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
}

func (p *publisher) serve(answer http.HandlerFunc) { p.answer.Store(&answer) }

func jwks(t *testing.T, kits ...*authntest.Kit) []byte {
	t.Helper()
	var set authn.JWKS
	for _, kit := range kits {
		set.Keys = append(set.Keys, kit.Keyring.JWKS().Keys...)
	}
	content, err := json.Marshal(set)
	require.NoError(t, err)
	return content
}

// follower is another service, which takes what is published.
type follower struct {
	*authn.Guard

	t       *testing.T
	log     *servicetest.Log
	metrics *prometheus.Registry
}

// follow runs a follower until the end of the test.
func follow(t *testing.T, settings authn.Settings) *follower {
	t.Helper()
	f := newFollower(t, settings)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return f
}

func newFollower(t *testing.T, settings authn.Settings) *follower {
	t.Helper()
	f := &follower{t: t, log: new(servicetest.Log), metrics: prometheus.NewRegistry()}
	var err error
	f.Guard, err = authn.NewGuard(settings, redistest.New(t), nil, authn.WithLog(slog.New(slog.NewTextHandler(f.log, nil))))
	require.NoError(t, err)
	f.metrics.MustRegister(f.Collectors()...)
	return f
}

func (f *follower) hasKeys() bool { return f.Keyring.Check(f.t.Context()) == nil }

// takes is what the door says of a token.
func (f *follower) takes(token string) bool {
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token)
	_, err := f.Authenticate(f.t.Context(), r)
	if err != nil && !errors.Is(err, authn.ErrBadToken) {
		f.t.Errorf("%v", err)
	}
	return err == nil
}

func (f *follower) metric(name string) float64 {
	f.t.Helper()
	families, err := f.metrics.Gather()
	require.NoError(f.t, err)
	for _, family := range families {
		if family.GetName() == "nms_jwks_"+name {
			m := family.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	require.Fail(f.t, "there is no metric "+name)
	return 0
}

func TestPublishedKeysAreFollowed(t *testing.T) {
	t.Parallel()
	first, second, third := authntest.NewAsymmetric(t, authntest.Ed25519), authntest.NewAsymmetric(t, authntest.P256), authntest.NewAsymmetric(t, authntest.Ed25519)
	p := publish(t)
	f := follow(t, authn.Settings{JWKSURL: p.server.URL})
	waittest.Until(t, "a read without keys", func() bool { return f.metric("failures_total") > 0 })
	require.False(t, f.hasKeys())
	require.ErrorContains(t, f.Keyring.Check(t.Context()), "has no key to verify access tokens with")
	require.Zero(t, f.metric("keys"))
	require.False(t, f.takes(first.Token(t, 1)))

	p.keys(first)
	waittest.Until(t, "keys, without anybody asking", f.hasKeys)
	old := first.Token(t, 1)
	require.True(t, f.takes(old))
	require.InDelta(t, 1, f.metric("keys"), 0)
	waittest.Until(t, "the log says so", func() bool { return strings.Contains(f.log.String(), "read again") })
	require.Equal(t, 1, strings.Count(f.log.String(), "level=WARN"), f.log)

	p.keys(first, second)
	waittest.Until(t, "the next key", func() bool { return f.takes(second.Token(t, 1)) })
	require.True(t, f.takes(old))
	require.InDelta(t, 2, f.metric("keys"), 0)
	require.GreaterOrEqual(t, f.metric("reads_total"), 2.0)
	require.Less(t, f.metric("age_seconds"), time.Since(time.Now().Add(-waittest.Bound)).Seconds())

	p.keys(second, third)
	waittest.Until(t, "another one", func() bool { return f.takes(third.Token(t, 1)) })
	require.False(t, f.takes(old), "its key was taken out, although the token is remembered")
	require.False(t, f.takes(first.Token(t, 1)))
	require.True(t, f.takes(second.Token(t, 1)))
}

// Unknown keys have the set read once in ten seconds, however many come; ids that none of our keys can have never do.
func TestAFloodOfUnknownKeysIsOneRead(t *testing.T) {
	t.Parallel()
	kit, stranger := authntest.NewAsymmetric(t, authntest.Ed25519), authntest.NewAsymmetric(t, authntest.Ed25519)
	p := publish(t, kit)
	f := follow(t, authn.Settings{JWKSURL: p.server.URL})
	waittest.Until(t, "keys", f.hasKeys)
	good := kit.Token(t, 1)
	for _, kid := range []string{"../../etc/passwd", "' OR '1'='1", strings.Repeat("k", 2000), p.server.URL, "", strings.Repeat("A", 42) + "B"} {
		require.False(t, f.takes(stranger.Headed(t, 1, map[string]any{"kid": kid})))
	}
	require.False(t, f.takes(kit.OtherAlg(t, 1)))
	for _, swapped := range kit.AlgSwaps(t, 1) {
		require.False(t, f.takes(swapped))
	}
	require.EqualValues(t, 1, p.reads.Load())

	flood := make([]string, 500)
	for i := range flood {
		id := make([]byte, 32)
		id[0], id[1] = byte(i), byte(i>>8)
		flood[i] = stranger.Headed(t, 1, map[string]any{"kid": base64.RawURLEncoding.EncodeToString(id)})
	}
	begun := time.Now()
	var senders sync.WaitGroup
	for part := range slices.Chunk(flood, 25) {
		senders.Go(func() {
			for _, token := range part {
				if f.takes(token) || !f.takes(good) {
					t.Error("the wrong one is taken")
				}
			}
		})
	}
	senders.Wait()
	pauses := int64(time.Since(begun) / (10 * time.Second))
	require.LessOrEqual(t, p.reads.Load(), 2+pauses)
	require.GreaterOrEqual(t, p.reads.Load(), int64(2), "they were read again once")
}

func TestSetsThatCannotBeTakenChangeNothing(t *testing.T) {
	t.Parallel()
	kit, stranger := authntest.NewAsymmetric(t, authntest.Ed25519), authntest.NewAsymmetric(t, authntest.P256)
	foreign := string(jwks(t, stranger))
	elsewhere := publish(t, stranger)
	sent := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		metric string
	}{
		"10 MB": {sent(foreign[:len(foreign)-1] + strings.Repeat(" ", 10<<20) + "}"), "failures_total"},
		"a redirection": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.server.URL, http.StatusFound)
		}, "failures_total"},
		"a refusal with keys": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(foreign))
		}, "failures_total"},
		"half of it, then nothing": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(foreign[:len(foreign)/2]))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, "failures_total"},
		"silence":        {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "failures_total"},
		"HTML":           {sent("<!DOCTYPE html><html><body>" + foreign + "</body></html>"), "refusals_total"},
		"no keys":        {sent(`{"keys":[]}`), "refusals_total"},
		"nothing":        {sent(``), "refusals_total"},
		"null":           {sent(`null`), "refusals_total"},
		"keys, and more": {sent(foreign + foreign), "refusals_total"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := publish(t, kit)
			f := follow(t, authn.Settings{JWKSURL: p.server.URL})
			waittest.Until(t, "keys", f.hasKeys)
			good := kit.Token(t, 1)
			require.True(t, f.takes(good))
			p.serve(c.answer)
			require.False(t, f.takes(stranger.Token(t, 1)), "this has them read again")
			waittest.Until(t, "the reads fail", func() bool { return f.metric(c.metric) >= 2 })
			require.False(t, f.takes(stranger.Token(t, 1)))
			require.True(t, f.takes(good))
			require.True(t, f.takes(kit.Token(t, 1)), "the last known keys stay")
			require.InDelta(t, 1, f.metric("keys"), 0)
			require.InDelta(t, 1, f.metric("reads_total"), 0)
			require.Equal(t, 1, strings.Count(f.log.String(), "level=WARN"), f.log)
		})
	}
	require.Zero(t, elsewhere.reads.Load(), "nobody follows a redirection")
}

// What is wrong with one key of a set is wrong with all of it: what auth publishes has none of this.
func TestOneBadKeySpoilsASet(t *testing.T) {
	t.Parallel()
	kit, other := authntest.NewAsymmetric(t, authntest.Ed25519), authntest.NewAsymmetric(t, authntest.P256)
	plain := func(k *authntest.Kit) map[string]any {
		var set struct{ Keys []map[string]any }
		require.NoError(t, json.Unmarshal(jwks(t, k), &set))
		return set.Keys[0]
	}
	with := func(k *authntest.Kit, member string, value any) map[string]any {
		j := maps.Clone(plain(k))
		j[member] = value
		return j
	}
	modulus, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	point := with(other, "y", plain(other)["x"])
	for name, keys := range map[string][]any{
		"the same key twice":         {plain(kit), plain(kit)},
		"two keys of one id":         {plain(kit), with(other, "kid", plain(kit)["kid"])},
		"a private key":              {plain(kit), with(other, "d", "AAAA")},
		"a private key, in capitals": {plain(kit), with(other, "D", "AAAA")},
		"a secret":                   {plain(kit), map[string]any{"kty": "oct", "k": "AAAA", "use": "sig", "kid": "x"}},
		"RSA": {plain(kit), map[string]any{
			"kty": "RSA", "n": base64.RawURLEncoding.EncodeToString(modulus.N.Bytes()), "e": "AQAB", "use": "sig", "kid": "x",
		}},
		"for encryption":              {with(kit, "use", "enc")},
		"for nothing":                 {with(kit, "use", nil)},
		"another curve":               {with(other, "crv", "P-384")},
		"the curve of another kind":   {with(other, "crv", "Ed25519")},
		"another algorithm":           {with(other, "alg", "EdDSA")},
		"HS256":                       {with(kit, "alg", "HS256")},
		"no id":                       {with(kit, "kid", "")},
		"another id":                  {with(kit, "kid", "auth-1")},
		"a point beside the curve":    {point},
		"a short key":                 {with(kit, "x", "AAAA")},
		"a padded key":                {with(kit, "x", plain(kit)["x"].(string)+"=")},
		"a number for a key":          {with(kit, "x", 1)},
		"seventeen":                   slices.Repeat([]any{plain(kit)}, 17),
		"something that is no object": {plain(kit), "key"},
	} {
		content, err := json.Marshal(map[string]any{"keys": keys})
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "copy")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		f := newFollower(t, authn.Settings{JWKSURL: "http://127.0.0.1:1/", JWKSCopy: file})
		require.False(t, f.hasKeys(), name)
		require.Equal(t, 1, strings.Count(f.log.String(), "the copy of the public keys is not used"), name)
		require.NotContains(t, f.log.String(), "AAAA", name)
	}
}

func TestTheCopyServesWhileAuthIsAway(t *testing.T) {
	t.Parallel()
	kit, next := authntest.NewAsymmetric(t, authntest.Ed25519), authntest.NewAsymmetric(t, authntest.Ed25519)
	p := publish(t, kit)
	file := filepath.Join(t.TempDir(), "jwks.json")
	settings := authn.Settings{JWKSURL: p.server.URL, JWKSCopy: file}
	f := follow(t, settings)
	waittest.Until(t, "keys", f.hasKeys)
	waittest.Until(t, "a copy", func() bool {
		content, err := os.ReadFile(file)
		return err == nil && string(content) == string(jwks(t, kit))
	})
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	p.text("<html>") // nothing bad gets into it
	require.False(t, f.takes(next.Token(t, 1)))
	waittest.Until(t, "a refusal", func() bool { return f.metric("refusals_total") > 0 })
	p.server.Close()
	require.True(t, newFollower(t, settings).takes(kit.Token(t, 1)), "it is there before anything runs")
	late := follow(t, settings)
	require.True(t, late.hasKeys())
	waittest.Until(t, "auth is away", func() bool { return late.metric("failures_total") > 0 })
	require.True(t, late.takes(kit.Token(t, 1)))
	require.False(t, late.takes(next.Token(t, 1)))
	list, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, list, 1, "no half-written file is left")

	require.NoError(t, os.Chmod(file, 0o622))
	open := newFollower(t, settings)
	require.False(t, open.hasKeys())
	require.Contains(t, open.log.String(), "others than its owner may write to it")
	require.NoError(t, os.Chmod(file, 0o600))
	require.NoError(t, os.WriteFile(file, []byte(`{"keys":[`), 0o600))
	require.False(t, newFollower(t, settings).hasKeys())
}

// A start without auth tells of the age of the keys in the copy: that of the last read, also of one that brought the same.
func TestTheAgeOfTheKeysOutlivesAStart(t *testing.T) {
	t.Parallel()
	p := publish(t, authntest.NewAsymmetric(t, authntest.Ed25519))
	file := filepath.Join(t.TempDir(), "jwks.json")
	settings := authn.Settings{JWKSURL: p.server.URL, JWKSCopy: file}
	first := follow(t, settings)
	waittest.Until(t, "a copy", func() bool { return first.metric("reads_total") > 0 })
	age := func() time.Duration {
		info, err := os.Stat(file)
		require.NoError(t, err)
		return time.Since(info.ModTime())
	}
	aged := time.Now().Add(-3 * time.Hour)
	require.NoError(t, os.Chtimes(file, aged, aged))
	require.Greater(t, newFollower(t, settings).metric("age_seconds"), (2 * time.Hour).Seconds())

	again := follow(t, settings)
	waittest.Until(t, "they are read again", func() bool { return again.metric("reads_total") > 0 })
	require.Less(t, again.metric("age_seconds"), time.Hour.Seconds())
	require.Less(t, age(), time.Hour, "the same keys, and yet they were read now")
}

// A folder that cannot be written to costs the copy and nothing else.
func TestACopyThatCannotBeWrittenIsNoted(t *testing.T) {
	t.Parallel()
	p := publish(t, authntest.NewAsymmetric(t, authntest.P256))
	f := follow(t, authn.Settings{JWKSURL: p.server.URL, JWKSCopy: filepath.Join(t.TempDir(), "gone", "copy")})
	waittest.Until(t, "keys", f.hasKeys)
	waittest.Until(t, "a line in the log", func() bool { return strings.Contains(f.log.String(), "the copy of the public keys cannot be written") })
}

package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
)

// rotation is two instances of auth and what another service has of authn, restarted one by one with changed keys.
type rotation struct {
	*stand

	instances []*servicetest.Instance
	pool      *db.Pool[db.AUTH]
	front     *front
	guard     *authn.Guard
	apiKey    string
	tokens    []tokens // that have to be good everywhere
}

// secrets gives the services these shared secrets.
func (r *rotation) secrets(current string, old ...string) {
	r.t.Helper()
	r.settings["JWT_SECRET_KEY"], r.settings["JWT_SECRET_KEYS_OLD"] = current, strings.Join(old, ",")
	r.restart()
	r.guard = r.newGuard(authntest.Settings(append([]string{current}, old...)...))
	r.everythingIsGood()
}

// files gives auth a file with these private keys. The other service follows what auth publishes, and is not restarted.
func (r *rotation) files(keys ...any) {
	r.t.Helper()
	r.settings["JWT_SIGNING_KEY_FILE"] = authntest.WriteKeys(r.t, keys...)
	r.restart()
}

// restart gives one instance after the other the present settings, and checks after each that what was good is good
// everywhere, with tokens of every instance.
func (r *rotation) restart() {
	r.t.Helper()
	lost := r.refreshOnce()
	for i := range r.instances {
		r.front.lead(r.instances[1-i]) // as a load balancer does
		r.instances[i].Stop(r.t)
		r.instances[i] = r.start()
		r.front.lead(r.instances...)
		r.everythingIsGood()
		r.sameAgain(lost)
	}
}

// exchange is a refresh token and the answer that it got.
type exchange struct {
	used   string
	answer tokens
}

// refreshOnce exchanges a refresh token of a new session at each instance.
func (r *rotation) refreshOnce() (list []exchange) {
	r.t.Helper()
	for _, instance := range r.instances {
		r.Instance = instance
		one := exchange{used: r.login("admin_nms", adminPassword).Refresh}
		r.as("").Post("/token", refreshGrant(one.used)).Is(http.StatusOK).Into(&one.answer)
		list = append(list, one)
	}
	return list
}

// sameAgain checks that every instance returns the same answers again, as if they had been lost a moment ago.
func (r *rotation) sameAgain(list []exchange) {
	r.t.Helper()
	_, err := r.pool.Exec(r.t.Context(), "UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE used_at IS NOT NULL")
	require.NoError(r.t, err)
	for _, instance := range r.instances {
		r.Instance = instance
		for _, one := range list {
			var again tokens
			r.as("").Post("/token", refreshGrant(one.used)).Is(http.StatusOK).Into(&again)
			require.Equal(r.t, one.answer.Refresh, again.Refresh)
		}
	}
}

func (r *rotation) newGuard(settings authn.Settings) *authn.Guard {
	r.t.Helper()
	client := redistest.Open(r.t, redis.Settings{DSN: redistest.DSN(r.t), Prefix: r.settings["REDIS_PREFIX"]})
	guard, err := authn.NewGuard(settings, client, api.ClientAddr)
	require.NoError(r.t, err)
	done := make(chan error, 1)
	go func() { done <- guard.Run(r.t.Context()) }()
	r.t.Cleanup(func() { require.NoError(r.t, <-done) })
	r.eventually("a current guard", func() bool { return guard.Check(r.t.Context()) == nil })
	return guard
}

// everythingIsGood also logs in at every instance and renews the newest session at each.
func (r *rotation) everythingIsGood() {
	r.t.Helper()
	for _, instance := range r.instances {
		r.Instance = instance
		latest := r.login("admin_nms", adminPassword)
		r.tokens = append(r.tokens, latest)
		for _, other := range r.instances {
			r.Instance = other
			r.as("").Post("/token", refreshGrant(latest.Refresh)).Is(http.StatusOK).Into(&latest)
			r.tokens = append(r.tokens, latest)
		}
	}
	for _, instance := range r.instances {
		require.Equal(r.t, http.StatusOK, r.as(r.apiKey).At(instance).Get("/users").Status)
		for _, tk := range r.tokens {
			require.Equal(r.t, http.StatusOK, r.as(tk.Access).At(instance).Get("/me").Status)
		}
	}
	for _, tk := range r.tokens {
		require.NoError(r.t, r.elsewhere(tk.Access))
	}
	require.NoError(r.t, r.elsewhere(r.apiKey))
	r.eventually("a current guard", func() bool { return r.guard.Check(r.t.Context()) == nil })
}

// elsewhere has the other service look at a token or an API key.
func (r *rotation) elsewhere(credential string) error {
	request := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/", http.NoBody)
	request.RemoteAddr = "127.0.0.1:1"
	if strings.HasPrefix(credential, "nms_") {
		request.Header.Set(authn.HeaderAPIKey, credential)
	} else {
		request.Header.Set("Authorization", "Bearer "+credential)
	}
	_, err := r.guard.Authenticate(r.t.Context(), request)
	return err
}

// rotate starts the two instances, with an API key that both know.
func rotate(t *testing.T, s *stand) *rotation {
	t.Helper()
	r := &rotation{
		stand: s, instances: []*servicetest.Instance{s.Instance, s.start()}, front: newFront(t),
		pool: pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn}),
	}
	r.front.lead(r.instances...)
	r.apiKey = s.admin().Post("/api-keys", newKey("k", "users:read")).Is(http.StatusCreated).Field("key").(string)
	r.eventually("the other instance knows the key", func() bool {
		return r.as(r.apiKey).At(r.instances[1]).Get("/users").Status == http.StatusOK
	})
	return r
}

func TestKeyRotationLogsNobodyOut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	old, next := s.kit.Secret, "another secret key of enough length!"
	r := rotate(t, s)
	r.guard = s.guardOf(redistest.DSN(t))
	r.everythingIsGood()

	r.secrets(old, next)
	r.secrets(next, old)
	first := r.tokens[0]
	r.tokens = nil // of which some were made with the old key: they have expired when it is taken out
	r.everythingIsGood()
	r.secrets(next)
	for _, instance := range r.instances {
		require.Equal(t, http.StatusUnauthorized, r.as(first.Access).At(instance).Get("/me").Status)
	}

	// Somebody else has learnt the key: it is replaced at once, all access tokens die, sessions and API keys do not.
	last := r.tokens[len(r.tokens)-1]
	lost := r.refreshOnce()
	r.settings["JWT_SECRET_KEY"] = "a third secret key of enough length!"
	for i := range r.instances {
		r.instances[i].Stop(t)
		r.instances[i] = r.start()
	}
	guard := r.newGuard(authntest.Settings(r.settings["JWT_SECRET_KEY"]))
	for _, instance := range r.instances {
		r.Instance = instance
		for _, tk := range r.tokens {
			require.Equal(t, http.StatusUnauthorized, r.as(tk.Access).At(instance).Get("/me").Status)
		}
		require.Equal(t, http.StatusOK, r.as(r.apiKey).At(instance).Get("/users").Status)
		r.as("").Post("/token", refreshGrant(last.Refresh)).Is(http.StatusOK).Into(&last)
		r.as(last.Access).Get("/me").Is(http.StatusOK)
		for _, one := range lost { // nobody can tell the answer again, which is no theft
			r.refused(refreshGrant(one.used), "invalid_grant")
		}
	}
	for _, one := range lost {
		r.as("").Post("/token", refreshGrant(one.answer.Refresh)).Is(http.StatusOK)
	}
	_, err := guard.Token(r.tokens[0].Access)
	require.Error(t, err)
	_, err = guard.Token(last.Access)
	require.NoError(t, err)
}

// The other service is never restarted: it learns the next key when it meets it, and that a key was taken out when it reads
// them again.
func TestRotationOfPrivateKeysLogsNobodyOut(t *testing.T) {
	t.Parallel()
	old, next := authntest.NewSigningKey(t, authntest.Ed25519), authntest.NewSigningKey(t, authntest.P256)
	s := setup(t, map[string]string{"JWT_SECRET_KEY": "", "JWT_SIGNING_KEY_FILE": authntest.WriteKeys(t, old)})
	r := rotate(t, s)
	r.guard = r.newGuard(authn.Settings{JWKSURL: r.front.url + jwksPath})
	r.everythingIsGood()

	r.files(old, next)
	r.files(next, old)
	first := r.tokens[0]
	require.NoError(t, r.elsewhere(first.Access))
	r.tokens = nil // of which some were made with the old key: they have expired when it is taken out
	r.everythingIsGood()
	r.files(next)
	for _, instance := range r.instances {
		require.Equal(t, http.StatusUnauthorized, r.as(first.Access).At(instance).Get("/me").Status)
	}
	stranger := authntest.NewAsymmetric(t, authntest.Ed25519)
	r.eventually("the other service has read them again", func() bool {
		require.Error(t, r.elsewhere(stranger.Token(t, 1)))
		return r.elsewhere(first.Access) != nil
	})
	r.everythingIsGood()
}

package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/config"
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
	guard     *authn.Guard
	apiKey    string
	tokens    []tokens // that have to be good everywhere
}

// keys gives the services these settings, one instance after the other, and checks after each restart that what was good
// is good everywhere, with tokens of every instance.
func (r *rotation) keys(current string, old ...string) {
	r.t.Helper()
	r.settings["JWT_SECRET_KEY"], r.settings["JWT_SECRET_KEYS_OLD"] = current, strings.Join(old, ",")
	lost := r.refreshOnce()
	for i := range r.instances {
		r.instances[i].Stop(r.t)
		r.instances[i] = r.start()
		r.everythingIsGood()
		r.sameAgain(lost)
	}
	r.guard = r.newGuard(current, old...)
	r.everythingIsGood()
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

func (r *rotation) newGuard(current string, old ...string) *authn.Guard {
	r.t.Helper()
	settings := authn.Settings{SecretKey: config.NewSecret(current)}
	for _, key := range old {
		settings.OldSecretKeys = append(settings.OldSecretKeys, config.NewSecret(key))
	}
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
		_, err := r.guard.Token(tk.Access)
		require.NoError(r.t, err)
	}
	require.NoError(r.t, r.guard.Check(r.t.Context()))
}

func TestKeyRotationLogsNobodyOut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	old, next := s.kit.Secret, "another secret key of enough length!"
	r := &rotation{
		stand: s, instances: []*servicetest.Instance{s.Instance, s.start()}, guard: s.guardOf(redistest.DSN(t)),
		pool: pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn}),
	}
	admin := s.admin()
	r.apiKey = admin.Post("/api-keys", newKey("k", "users:read")).Is(http.StatusCreated).
		Field("key").(string)
	r.eventually("the other instance knows the key", func() bool {
		return r.as(r.apiKey).At(r.instances[1]).Get("/users").Status == http.StatusOK
	})
	r.everythingIsGood()

	r.keys(old, next)
	r.keys(next, old)
	first := r.tokens[0]
	r.tokens = nil // of which some were made with the old key: they have expired when it is taken out
	r.everythingIsGood()
	r.keys(next)
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
	guard := r.newGuard(r.settings["JWT_SECRET_KEY"])
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

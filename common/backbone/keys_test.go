package backbone_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/backbone"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/service"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// A service that learns its keys from auth is not ready before it has some, says so, and then takes auth's tokens alone.
func TestAServiceWaitsForTheKeysOfAuth(t *testing.T) {
	t.Parallel()
	kit := authntest.NewAsymmetric(t, authntest.P256)
	var spoilt, published atomic.Bool
	auth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var set authn.JWKS
		switch {
		case published.Load():
			set = kit.Keyring.JWKS()
		case spoilt.Load(): // no key
		default:
			http.NotFound(w, r)
			return
		}
		if err := json.NewEncoder(w).Encode(set); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(auth.Close)
	prefix := redistest.Prefix(t)
	settings := map[string]string{
		"MQ_DSN": bustest.New(t).DSN.Reveal(), "REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": prefix,
		"JWT_JWKS_URL": auth.URL, "JWT_JWKS_COPY": filepath.Join(t.TempDir(), "jwks.json"),
	}
	build := func(ctx context.Context, s *service.Service) error {
		var set struct {
			config.Base
			backbone.Settings
		}
		if err := s.Load(&set); err != nil {
			return err
		}
		if _, err := backbone.Open(ctx, s, set.Settings); err != nil {
			return err
		}
		api.Register(s.API(), huma.Operation{Method: http.MethodGet, Path: "/api/v1/probe", OperationID: "probe"},
			api.Need(authn.CfgRead), func(context.Context, *struct{}) (*struct{}, error) { return new(struct{}), nil })
		return nil
	}
	i := servicetest.Start(t, identity, build, settings)
	waittest.Until(t, "the keys were asked for", func() bool { return i.Metric(t, "nms_jwks_failures_total") > 0 })
	outside := i.Client(t).Outside()
	outside.Get("/readyz").Refused(http.StatusServiceUnavailable, "token keys", "dependency_down")
	require.Contains(t, string(outside.Get("/readyz").Body), "has no key to verify access tokens with: JWT_JWKS_URL could not be read yet")
	require.Equal(t, service.Cache, i.Service.HealthCode()&service.Cache)
	require.Zero(t, i.Metric(t, "nms_jwks_keys"))
	waittest.Until(t, "the age grows", func() bool { return i.Metric(t, "nms_jwks_age_seconds") > 0.5 })
	require.Zero(t, i.Metric(t, "nms_jwks_refusals_total"))
	spoilt.Store(true)
	waittest.Until(t, "what is no set is refused", func() bool { return i.Metric(t, "nms_jwks_refusals_total") > 0 })

	published.Store(true)
	waittest.Until(t, "ready", func() bool { return outside.Get("/readyz").Status == http.StatusOK })
	require.InDelta(t, 1, i.Metric(t, "nms_jwks_keys"), 0)
	waittest.Until(t, "they are in the copy, too, and counted", func() bool { return i.Metric(t, "nms_jwks_reads_total") > 0 })
	i.CheckSomeMetrics(t, "jwks", "nms_jwks_")
	kit.CheckMatrix(t, i.URL, i.Service.API().Operations(), redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: prefix}))

	auth.Close()
	again := servicetest.Start(t, identity, build, settings)
	waittest.Until(t, "ready from the copy", func() bool { return again.Client(t).Outside().Get("/readyz").Status == http.StatusOK })
}

package app_test

import (
	"net/http"
	"testing"

	"nms.example/common/apitest"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/hostile"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("every operation needs its permission", func(t *testing.T) {
		t.Parallel()
		apitest.CheckAccess(t, b.instance.Service.API(), func(m authn.Mask) string { return token(t, m) },
			"GET /openapi.json", "GET /", "GET /ctrl", "GET /healthz", "GET /readyz", "GET /metrics")
	})
	t.Run("who may read may not write", func(t *testing.T) {
		t.Parallel()
		reader := b.For(t).As(token(t, authn.Mask(authn.CfgRead)))
		reader.Get("/equipments").Is(http.StatusOK)
		reader.Post("/equipments", `{"name":"x","name_full":"x"}`).Refused(http.StatusForbidden, "request", "forbidden")
		reader.Post("/equipments:batch", `{"operations":[]}`).Refused(http.StatusForbidden, "request", "forbidden")
	})
}

func TestEveryOperationAsksForItsCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t)
	authntest.CheckService(t, b.instance, b.settings)
}

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	b := setup(t)
	hostile.Check(t, b.instance, b.settings)
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	hostile.CheckSlow(t, setup(t).instance)
}

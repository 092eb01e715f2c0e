package app_test

import (
	"testing"

	"nms.example/common/apitest"
	"nms.example/common/authn"
	"nms.example/common/authntest"
)

func TestEveryOperationAsksForItsCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t, "ENVIRONMENT=prod")
	apitest.CheckAccess(t, b.instance.Service.API(), func(m authn.Mask) string { return token(t, m) },
		"GET /", "GET /ctrl", "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json")
	authntest.CheckService(t, b.instance, b.settings)
}

package app_test

import (
	"testing"

	"nms.example/hostile"
)

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	s := setup(t, map[string]string{"ENVIRONMENT": "prod", "BCRYPT_COST": "10"})
	hostile.Check(t, s.Instance, s.settings, hostile.As(1),
		hostile.Sample("auth-token-create", passwordGrant("admin_nms", "zq7x and a wrong one").Encode()),
		hostile.Sample("auth-token-create", refreshGrant("zq7x").Encode()),
		hostile.Sample("auth-token-introspect", "token=zq7x&token_type_hint=access_token"))
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	hostile.CheckSlow(t, setup(t).Instance)
}

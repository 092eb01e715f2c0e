package app_test

import (
	"testing"

	"nms.example/common/hostiletest"
)

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	s := setup(t, map[string]string{"ENVIRONMENT": "prod", "BCRYPT_COST": "10"})
	hostiletest.Check(t, s.Instance, s.settings, hostiletest.As(1),
		hostiletest.Sample("create-token", passwordGrant("admin_nms", "zq7x and a wrong one").Encode()),
		hostiletest.Sample("create-token", refreshGrant("zq7x").Encode()),
		hostiletest.Sample("introspect", "token=zq7x&token_type_hint=access_token"))
}

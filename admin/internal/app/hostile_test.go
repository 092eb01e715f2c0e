package app_test

import (
	"testing"

	"nms.example/hostile"
)

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	b := setup(t)
	hostile.Check(t, b.admin, b.settings)
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	hostile.CheckSlow(t, setup(t).admin)
}

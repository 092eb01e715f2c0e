package app_test

import (
	"testing"

	"nms.example/common/hostiletest"
)

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	b := setup(t)
	hostiletest.Check(t, b.instance, b.settings)
}

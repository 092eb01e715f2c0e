package app_test

import (
	"testing"

	"nms.example/cfg/internal/app"
	"nms.example/common/servicetest"
)

func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	servicetest.CheckVariables(t, new(app.Settings))
}

func TestOperationsAreDocumented(t *testing.T) {
	t.Parallel()
	servicetest.CheckDocument(t, app.Identity)
}

package app_test

import (
	"testing"

	"nms.example/common/servicetest"

	"nms.example/ctrl/internal/app"
)

func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	servicetest.CheckVariables(t, new(app.Settings))
}

func TestOperationsAreDocumented(t *testing.T) {
	t.Parallel()
	servicetest.CheckDocument(t, app.Identity)
}

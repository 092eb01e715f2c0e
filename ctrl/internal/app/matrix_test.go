package app_test

import (
	"testing"

	"nms.example/common/authntest"
)

func TestEveryOperationAsksForItsCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t)
	authntest.CheckService(t, b.instance, b.settings)
}

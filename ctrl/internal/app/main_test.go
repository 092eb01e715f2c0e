package app_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"nms.example/common/service"

	"nms.example/ctrl/internal/app"
)

// runVariable has the test program be the service itself, so that an instance can be killed.
const runVariable = "CTRL_TEST_RUN_SERVICE"

// TestMain also finds what the tests leave running; idle connections of their HTTP clients end by themselves.
func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		os.Exit(service.Main(app.Identity, app.Build))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

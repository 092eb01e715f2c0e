package app_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain also finds what the tests leave running; idle connections of their HTTP clients end by themselves.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

package chaos

import (
	"testing"

	"go.uber.org/goleak"
)

// A spawner's goroutine keeps its thread for the children's sake and never ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("nms.example/tools/internal/stack.newSpawner.func1"))
}

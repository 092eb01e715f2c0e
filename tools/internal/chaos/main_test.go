package chaos

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// A spawner's goroutine keeps its thread for the children's sake and never ends.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == WebhooksCommand {
		if err := ServeWebhooks(context.Background(), os.Getenv, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("nms.example/tools/internal/stack.newSpawner.func1"))
}

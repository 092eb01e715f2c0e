package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
	"nms.example/common/servicetest"
	"nms.example/inbox/internal/app"
)

// The example in docs/events/README.md is an event that inbox could publish.
func TestTheExampleOfTheDocumentationIsAnEvent(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "events", "README.md"))
	if os.IsNotExist(err) {
		return // the module was taken out of the repository
	}
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(content), "```json\n")
	require.True(t, found)
	example, _, _ := strings.Cut(rest, "```")
	var e event.Event
	require.NoError(t, json.Unmarshal([]byte(example), &e))
	require.JSONEq(t, example, string(e.AppendJSON(nil)), "nothing in it is unknown")
	check, err := servicetest.EventCheck(app.Events)
	require.NoError(t, err)
	require.NoError(t, check(&e))
}

package limit

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/frame"
)

// Who cannot tell which limits there are now, such as a process that stood still, takes any value for one that is to be evaluated.
func TestValuesAreWatchedAsLongAsTheLimitsAreNotKnown(t *testing.T) {
	t.Parallel()
	b := NewBook(nil, slog.New(slog.DiscardHandler))
	values := []frame.Value{{Parameter: 1}}
	require.True(t, b.Watches(1, values), "never read")
	b.current.Store(&Snapshot{})
	b.checked.Store(time.Now().Add(time.Hour).UnixNano())
	require.False(t, b.Watches(1, values), "there is no limit")
	b.checked.Store(time.Now().Add(-2 * recent).UnixNano())
	require.True(t, b.Watches(1, values), "there may be one by now")
}

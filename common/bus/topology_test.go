package bus_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/event"
)

// docs/events/README.md names everything that the topology declares.
func TestTheTopologyIsDocumented(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "events", "README.md"))
	if os.IsNotExist(err) {
		return // the module was taken out of the repository
	}
	require.NoError(t, err)
	for _, name := range []string{
		bus.Exchange, bus.Unrouted, bus.Dead, bus.RetrySuffix, event.ContentTypeEvent, event.ContentTypeBatch,
		bus.HeaderAttempts, bus.HeaderQueue, bus.HeaderRoutingKey, bus.HeaderReason, bus.HeaderError, bus.HeaderTime, bus.HeaderUser,
		string(bus.ReasonPermanent), string(bus.ReasonAttempts), string(bus.ReasonUnreadable), string(bus.ReasonDeliveries),
		"`actor`", "`requestid`", "`traceparent`",
	} {
		require.Contains(t, string(content), name)
	}
}

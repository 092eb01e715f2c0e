package bustest

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
)

// AwaitBound waits until a subscription has bound its queue to nms.events: what is published before does
// not reach it.
func (b *Broker) AwaitBound(t testing.TB, queue string) {
	t.Helper()
	require.Eventually(t, func() bool {
		exists := slices.ContainsFunc(b.Queues(), func(q Queue) bool { return q.Name == queue })
		if !exists {
			return false // and to ask for its bindings would be an error
		}
		var bindings []struct{ Source string }
		b.call(http.MethodGet, "/api/queues/"+b.vhost+"/"+queue+"/bindings", nil, &bindings)
		for _, binding := range bindings {
			if binding.Source == bus.Exchange {
				return true
			}
		}
		return false
	}, 30*time.Second, 20*time.Millisecond, "the queue %s is not bound", queue)
}

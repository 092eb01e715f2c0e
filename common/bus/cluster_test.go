//go:build workshop

package bus_test

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
)

// clusterPatience bounds the waits for what three nodes do on a busy machine.
const clusterPatience = 3 * time.Minute

// instance is what a service has: a connection, a subscription and a live view.
type instance struct {
	conn      *bus.Conn
	got       recorder
	log       lines
	confirmed atomic.Int64
}

func startInstance(t *testing.T, settings bus.Settings) *instance {
	t.Helper()
	i := &instance{}
	settings.Logger = slog.New(slog.NewTextHandler(&i.log, nil))
	i.conn = bustest.Dial(t, settings)
	consume(t, i.conn, bus.Subscription{Queue: "test.cluster", Bindings: []string{"x.#"}, Handler: i.got.take})
	runTap(t, bus.NewTap(i.conn, "test.live", "#"))
	return i
}

// traffic sends events, each until it is confirmed, through all instances.
type traffic struct {
	instances []*instance
	sent      atomic.Int64
}

func (f *traffic) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var senders sync.WaitGroup
	for _, i := range f.instances {
		senders.Go(func() {
			for ctx.Err() == nil {
				e := newEvent(t, "x.y.z", "1", f.sent.Add(1))
				for i.conn.Publisher().Publish(t.Context(), e) != nil {
					time.Sleep(50 * time.Millisecond)
				}
				i.confirmed.Add(1)
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	return func() { cancel(); senders.Wait() }
}

func (f *traffic) received() map[string]bool {
	seen := map[string]bool{}
	for _, i := range f.instances {
		for _, e := range i.got.all() {
			seen[string(e.Data)] = true
		}
	}
	return seen
}

// await has every instance publish, something new arrive, and every instance healthy.
func (f *traffic) await(t *testing.T, what string, since time.Time) {
	t.Helper()
	for _, i := range f.instances {
		before := i.confirmed.Load()
		require.Eventually(t, func() bool { return i.confirmed.Load() > before+1 }, clusterPatience, 10*time.Millisecond, what)
	}
	published := time.Since(since)
	before := len(f.received())
	require.Eventually(t, func() bool { return len(f.received()) > before }, clusterPatience, 10*time.Millisecond, what)
	flow := time.Since(since)
	require.Eventually(t, func() bool {
		for _, i := range f.instances {
			if i.conn.Check(t.Context()) != nil {
				return false
			}
		}
		return true
	}, clusterPatience, 10*time.Millisecond, what)
	t.Logf("%s: all publish after %.1f s, events arrive after %.1f s, all healthy after %.1f s",
		what, published.Seconds(), flow.Seconds(), time.Since(since).Seconds())
}

// balance is a load balancer that takes the nodes in turn and looks at nothing but whether they take connections.
func balance(t *testing.T, nodes []*bustest.Server) *proxy {
	t.Helper()
	var turn atomic.Int64
	return startProxy(t, func() (conn net.Conn, err error) {
		for range nodes {
			node := nodes[int(turn.Add(1))%len(nodes)]
			if conn, err = new(net.Dialer).DialContext(t.Context(), "tcp", node.Address()); err == nil {
				break
			}
		}
		return conn, err
	})
}

func TestANodeOfABrokersClusterDiesOrHangs(t *testing.T) {
	t.Parallel()
	cluster := bustest.StartCluster(t)
	f := &traffic{instances: []*instance{
		startInstance(t, bus.Settings{DSN: cluster.DSN}),
		startInstance(t, bus.Settings{DSN: at(t, cluster.Nodes[0].DSN, balance(t, cluster.Nodes).addr)}),
	}}
	require.Eventually(t, func() bool { // until the queue is bound
		return f.instances[0].conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "first", 0)) == nil && len(f.received()) > 0
	}, clusterPatience, 50*time.Millisecond)
	stop := f.run(t)
	f.await(t, "at first", time.Now())

	begun := time.Now()
	cluster.Nodes[0].Kill()
	f.await(t, "killed", begun)
	cluster.Nodes[0].Restart()
	f.await(t, "started again", time.Now())

	const pause = 20 * time.Second
	begun = time.Now()
	cluster.Nodes[1].Pause()
	f.await(t, "paused", begun)
	late := startInstance(t, bus.Settings{DSN: cluster.DSN})
	t.Logf("a newcomer is there %.1f s after the pause", time.Since(begun).Seconds())
	time.Sleep(max(0, pause-time.Since(begun)))
	cluster.Nodes[1].Resume()
	f.await(t, "resumed", time.Now())
	stop()
	require.NoError(t, late.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", f.sent.Add(1))))
	f.instances = append(f.instances, late) // it has received some of the events
	require.Eventually(t, func() bool { return len(f.received()) == int(f.sent.Load())+1 }, clusterPatience, 20*time.Millisecond)
	for n, i := range f.instances {
		t.Logf("instance %d lost %d connections and logged %d warnings:\n%s", n, i.conn.Losses(), i.log.count("level=WARN"), &i.log.buf)
	}
}

package redistest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nms.example/common/config"
	"nms.example/common/waittest"
)

const (
	sentinelMaster  = "nms"
	sentinelQuorum  = 2
	sentinelTimeout = time.Second // silence after which a sentinel takes a server for dead
)

// Sentinel is a master with two replicas that three sentinels watch.
type Sentinel struct {
	// DSN names the sentinels and the master's name.
	DSN config.RedisDSN
	// Servers are the master and its replicas, dead ones included, in no order of roles.
	Servers []*Server
	// Sentinels are the watchers.
	Sentinels []*Server
	tb        testing.TB
}

// StartSentinel starts it all on free ports and returns when every sentinel knows the replicas and the other
// sentinels, after about 3 s. Everything is killed when the test ends.
func StartSentinel(tb testing.TB) *Sentinel {
	tb.Helper()
	s := &Sentinel{tb: tb}
	master := newServer(tb)
	replica := func() *Server {
		return newServer(tb, "--replicaof", "127.0.0.1", itoa(master.port))
	}
	s.Servers = []*Server{master, replica(), replica()}
	for _, server := range s.Servers {
		server.Restart()
	}
	var addresses []string
	for range 3 {
		watcher := newSentinel(tb, master)
		watcher.Restart()
		s.Sentinels = append(s.Sentinels, watcher)
		addresses = append(addresses, watcher.Address())
	}
	s.DSN = decode(tb, "redis://"+strings.Join(addresses, ",")+"/0?master="+sentinelMaster)
	ctx := tb.Context()
	waittest.Until(tb, "every sentinel knows the others and the replicas", func() bool {
		return !slices.ContainsFunc(s.Sentinels, func(watcher *Server) bool {
			words, err := watcher.rdb.Do(ctx, "SENTINEL", "MASTER", sentinelMaster).StringSlice()
			known := func(name string) string { return words[slices.Index(words, name)+1] }
			return err != nil || known("num-slaves") != "2" || known("num-other-sentinels") != "2"
		})
	})
	return s
}

// newSentinel prepares a sentinel, which keeps what it learns in its configuration file.
func newSentinel(tb testing.TB, master *Server) *Server {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "sentinel.conf")
	watch := func(option string, values ...string) string {
		return strings.Join(append([]string{"sentinel", option, sentinelMaster}, values...), " ")
	}
	lines := []string{
		watch("monitor", "127.0.0.1", itoa(master.port), itoa(sentinelQuorum)),
		watch("down-after-milliseconds", milliseconds(sentinelTimeout)),
		watch("failover-timeout", milliseconds(5*sentinelTimeout)),
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatalf("redistest: %v", err)
	}
	return newProcess(tb, path, "--sentinel")
}

// Master returns the server that the sentinels hold for the master.
func (s *Sentinel) Master() *Server {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(s.tb.Context(), waittest.Bound)
	defer cancel()
	for _, watcher := range s.Sentinels {
		if master := s.masterBy(ctx, watcher); master != nil {
			return master
		}
	}
	s.tb.Fatalf("redistest: no sentinel knows a master")
	return nil
}

// AwaitFailover waits until every sentinel names another master than old, which is dead or paused, and that one takes
// writes.
func (s *Sentinel) AwaitFailover(old *Server) {
	s.tb.Helper()
	ctx := s.tb.Context()
	waittest.Until(s.tb, "another master", func() bool {
		return !slices.ContainsFunc(s.Sentinels, func(watcher *Server) bool {
			master := s.masterBy(ctx, watcher)
			return master == nil || master == old || master.rdb.Set(ctx, "redistest", 1, time.Second).Err() != nil
		})
	})
}

func (s *Sentinel) masterBy(ctx context.Context, watcher *Server) *Server {
	address, err := watcher.rdb.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinelMaster).StringSlice()
	if err != nil || len(address) != 2 {
		return nil
	}
	for _, server := range s.Servers {
		if itoa(server.port) == address[1] {
			return server
		}
	}
	return nil
}

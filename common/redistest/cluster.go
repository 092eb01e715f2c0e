package redistest

import (
	"context"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"nms.example/common/config"
	"nms.example/common/proctest"
	"nms.example/common/waittest"
)

const (
	clusterMasters = 3
	// clusterTimeout is after how much silence the nodes of a cluster take one of them for dead
	// (cluster-node-timeout). Its replica is elected about a second later.
	clusterTimeout = time.Second
)

// Cluster is a Redis Cluster of a test's own: three masters with one replica each.
type Cluster struct {
	// DSN names all nodes.
	DSN config.RedisDSN
	// Nodes are the servers, dead ones included, in no order of roles.
	Nodes []*Server
	tb    testing.TB
}

// StartCluster starts a cluster on free ports and returns when all of its nodes know all roles, after about 5 s.
// Everything is killed when the test ends.
func StartCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := &Cluster{tb: tb}
	var addresses []string
	for range 2 * clusterMasters {
		node := newServer(tb, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
			"--cluster-node-timeout", milliseconds(clusterTimeout), "--cluster-port", itoa(proctest.FreePort(tb)))
		node.Restart()
		c.Nodes = append(c.Nodes, node)
		addresses = append(addresses, node.Address())
	}
	c.DSN = decode(tb, "redis://"+strings.Join(addresses, ","))
	ctx, cancel := context.WithTimeout(tb.Context(), waittest.Bound)
	defer cancel()
	args := append([]string{"--cluster", "create"}, addresses...)
	args = append(args, "--cluster-replicas", "1", "--cluster-yes")
	out, err := exec.CommandContext(ctx, proctest.Find(tb, "redis-cli", "/usr/bin/redis-cli"), args...).CombinedOutput()
	if err != nil {
		tb.Fatalf("redistest: make the cluster: %v\n%s", err, out)
	}
	c.AwaitReplicas()
	return c
}

// AwaitReplicas waits until every node knows three masters with a replica each, which has its master's data.
func (c *Cluster) AwaitReplicas() {
	c.tb.Helper()
	ctx := c.tb.Context()
	waittest.Until(c.tb, "three masters with a replica each", func() bool {
		return !slices.ContainsFunc(c.Nodes, func(node *Server) bool {
			role, err := node.rdb.Info(ctx, "replication").Result()
			if err != nil || strings.Contains(role, "master_link_status:down") {
				return true
			}
			known, err := node.rdb.ClusterSlots(ctx).Result() //nolint:staticcheck // its successor lists dead nodes, too
			return err != nil || len(known) != clusterMasters ||
				slices.ContainsFunc(known, func(s redis.ClusterSlot) bool { return len(s.Nodes) != 2 })
		})
	})
}

// Configure sets an option of every node (CONFIG SET).
func (c *Cluster) Configure(option, value string) {
	c.tb.Helper()
	for _, node := range c.Nodes {
		if err := node.rdb.ConfigSet(c.tb.Context(), option, value).Err(); err != nil {
			c.tb.Fatalf("redistest: set %s: %v", option, err)
		}
	}
}

// Master returns the node that the others hold for the master of a key's slot, and fails the test when none answers.
func (c *Cluster) Master(key string) *Server {
	c.tb.Helper()
	ctx, cancel := context.WithTimeout(c.tb.Context(), waittest.Bound)
	defer cancel()
	for _, node := range c.Nodes {
		if master := c.masterBy(ctx, node, key); master != nil {
			return master
		}
	}
	c.tb.Fatalf("redistest: no node of the cluster knows the master of %s", key)
	return nil
}

// AwaitFailover waits until every node but old, which is dead or paused, holds another one for the master of key's slot
// and takes commands.
func (c *Cluster) AwaitFailover(old *Server, key string) {
	c.tb.Helper()
	ctx := c.tb.Context()
	waittest.Until(c.tb, "another master for "+key, func() bool {
		return !slices.ContainsFunc(c.Nodes, func(node *Server) bool {
			if node == old {
				return false
			}
			info, err := node.rdb.ClusterInfo(ctx).Result()
			master := c.masterBy(ctx, node, key)
			return err != nil || !strings.Contains(info, "cluster_state:ok") || master == nil || master == old
		})
	})
}

// masterBy asks one node which is the master of a key's slot; nil when it does not say.
func (c *Cluster) masterBy(ctx context.Context, node *Server, key string) *Server {
	slot, err := node.rdb.ClusterKeySlot(ctx, key).Result()
	if err != nil {
		return nil
	}
	known, err := node.rdb.ClusterSlots(ctx).Result() //nolint:staticcheck // its successor lists dead nodes, too
	if err != nil {
		return nil
	}
	for _, s := range known {
		if int64(s.Start) <= slot && slot <= int64(s.End) && len(s.Nodes) > 0 {
			for _, node := range c.Nodes {
				if node.Address() == s.Nodes[0].Addr {
					return node
				}
			}
		}
	}
	return nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

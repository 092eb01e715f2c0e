package bustest

import (
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"nms.example/common/config"
	"nms.example/common/waittest"
)

// clusterSize is the least of which a majority is left when one node is away.
const clusterSize = 3

// Cluster is a RabbitMQ cluster of a test's own. It takes some 400 MB and half a minute of two processors to start.
type Cluster struct {
	// DSN names all nodes.
	DSN   config.AMQPDSN
	Nodes []*Server
}

// StartCluster starts three nodes and returns when each of them has the others' queues. Everything is killed when the
// test ends.
func StartCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := &Cluster{Nodes: newNodes(tb, clusterSize, "")}
	addresses := make([]string, 0, clusterSize)
	for _, node := range c.Nodes {
		addresses = append(addresses, node.Address())
	}
	if err := c.DSN.Decode("amqp://guest:guest@" + strings.Join(addresses, ",") + "/"); err != nil {
		tb.Fatalf("bustest: %v", err)
	}
	c.Nodes[0].Restart() // the others join it
	var rest sync.WaitGroup
	for _, node := range c.Nodes[1:] {
		node.Start()
		rest.Go(func() { node.AwaitPort(node.port, startPatience) })
	}
	rest.Wait()
	c.awaitJoined(tb)
	return c
}

// awaitJoined declares an exchange on the last node and looks for it on all.
func (c *Cluster) awaitJoined(tb testing.TB) {
	tb.Helper()
	name := "bustest." + rand.Text()
	ask := func(node *Server, f func(*amqp.Channel) error) error {
		conn, err := amqp.Dial(node.DSN.Reveal())
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		ch, err := conn.Channel()
		if err != nil {
			return err
		}
		return f(ch)
	}
	retry := func(node *Server, f func(*amqp.Channel) error) {
		waittest.Until(tb, "the nodes of RabbitMQ make a cluster", func() bool { return ask(node, f) == nil })
	}
	retry(c.Nodes[clusterSize-1], func(ch *amqp.Channel) error {
		return ch.ExchangeDeclare(name, amqp.ExchangeFanout, false, false, false, false, nil)
	})
	for _, node := range c.Nodes {
		retry(node, func(ch *amqp.Channel) error {
			return ch.ExchangeDeclarePassive(name, amqp.ExchangeFanout, false, false, false, false, nil)
		})
	}
}

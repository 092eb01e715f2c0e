package registry

import (
	"context"
	"net"
	"os"
	"time"

	"nms.example/common/redis"
	"nms.example/common/service"
)

const (
	// look is how often an instance looks whether its health has changed, which it tells at once.
	look = 500 * time.Millisecond
	// farewell bounds the removal at stop.
	farewell = time.Second
)

// Join keeps the service on the list from its start to its stop. Redis may be away: that is the affair
// of the health check "cache".
func Join(s *service.Service, redis *redis.Client) {
	r := New(redis)
	s.Go("registry", func(ctx context.Context) error {
		r.stay(ctx, func() Instance {
			return Instance{
				ID: s.Instance(), Service: s.Identity().Name, Version: s.Version(), Address: reachable(s.Address()),
				HealthCode: uint64(s.HealthCode()), StartedAt: s.Started(), Uptime: time.Since(s.Started()), Lag: s.Lag(),
			}
		})
		return nil
	})
}

// stay beats until ctx ends and then removes the instance.
func (r *Registry) stay(ctx context.Context, describe func() Instance) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	var health uint64 // as told last
	var told time.Time
	for {
		now := describe()
		if now.HealthCode != health || time.Since(told) >= Interval {
			if r.Beat(ctx, now) == nil { // else it is tried again at the next look; the health check tells of Redis
				health, told = now.HealthCode, time.Now()
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
			defer cancel()
			_ = r.Remove(bounded, now.ID) // else it is forgotten after Lifetime
			return
		}
	}
}

// reachable replaces the unspecified address of a listener (0.0.0.0, ::) by one of this machine's own:
// its first global one, else its name.
func reachable(listener string) string {
	host, port, err := net.SplitHostPort(listener)
	if err != nil {
		return listener
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
		return listener
	}
	addresses, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range addresses {
			if network, ok := a.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
				return net.JoinHostPort(network.IP.String(), port)
			}
		}
	}
	if name, err := os.Hostname(); err == nil {
		return net.JoinHostPort(name, port)
	}
	return listener
}

package hostile

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"nms.example/common/waittest"
)

const (
	// maxGrowth is what the heap may hold more than before, in bytes: caches, pools, and the log that the test keeps.
	maxGrowth = 96 << 20
	// maxGoroutines is how many more there may be: connections to the database and to Redis, and the 256 workers of a
	// consumer that found the bus only after the attacks began. A leak per request is many times that.
	maxGoroutines = 256 + 64
	// settleTime bounds the wait for both: connections end, and what they held is collected.
	settleTime = waittest.Bound
	// maxMetrics bounds the answer of /metrics, in bytes: a label that takes the client's texts grows for ever.
	maxMetrics = 1 << 20
)

// size is what a process holds.
type size struct {
	heap       uint64
	goroutines int
}

func measure() size {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return size{heap: m.HeapAlloc, goroutines: runtime.NumGoroutine()}
}

// checkGrowth waits until the process is about as small as before.
func (k *kit) checkGrowth(before size) {
	deadline := time.Now().Add(settleTime)
	for {
		now := measure()
		switch {
		case now.heap <= before.heap+maxGrowth && now.goroutines <= before.goroutines+maxGoroutines:
			return
		case time.Now().After(deadline):
			var where strings.Builder
			_ = pprof.Lookup("goroutine").WriteTo(&where, 1) // a builder takes everything
			k.found(fmt.Sprintf("growth: heap %d → %d MB, goroutines %d → %d: %.3000s", before.heap>>20, now.heap>>20, before.goroutines, now.goroutines, &where))
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// metrics looks for the client's texts in /metrics.
func (k *kit) metrics(ctx context.Context) {
	a := &attempt{attack: "metrics", method: http.MethodGet, target: "/metrics", anonymous: true}
	c := &connection{address: k.address}
	defer c.close()
	r, err := c.exchange(ctx, a.method, a.wire(k.address, "metrics", ""))
	switch {
	case err != nil:
		k.find(a, err.Error())
	case strings.Contains(string(r.body), mark):
		k.find(a, "the client's texts are labels")
	case len(r.body) > maxMetrics:
		k.find(a, fmt.Sprintf("%d bytes", len(r.body)))
	}
}

var (
	aToken  = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.eyJ`)
	anError = regexp.MustCompile(`^\S*"level":"ERROR"|^\S+ level=ERROR`)
)

// checkLog looks for lines that a client made, secrets and failures.
func (k *kit) checkLog(log string) {
	for line := range strings.Lines(log) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "level=ERROR msg="+forged), strings.HasPrefix(line, forged), strings.Contains(line, `"msg":"`+forged):
			k.found("log: a line of the client's making: " + line)
		case strings.HasPrefix(log, "{") && (!strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}")):
			k.found("log: a broken line: " + line)
		case strings.ContainsAny(line, "\x00\x1b\r"):
			k.found(fmt.Sprintf("log: control characters: %q", line))
		case aToken.MatchString(line):
			k.found("log: a token: " + line)
		case anError.MatchString(line):
			k.found("log: a failure: " + line)
		}
		for _, secret := range k.secrets {
			if secret != "" && strings.Contains(line, secret) {
				k.found("log: a secret: " + line)
			}
		}
	}
}

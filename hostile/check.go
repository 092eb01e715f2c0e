// Package hostile attacks a service: every operation of its own OpenAPI document with wrong, huge, deep,
// broken and forged input, and its connections with what is no HTTP. It is imported from tests only.
//
//	i := servicetest.Start(t, app.Identity, app.Build, settings)
//	hostile.Check(t, i, settings)
//	hostile.CheckSlow(t, i) // in a test that runs beside others
//
// An answer is right when it is one that the document describes, or a refusal (4xx) with a complete problem that
// repeats nothing of what was sent, or, where nothing of a request can be understood, a closed connection. A
// failure (5xx) never is, but for 503 with Retry-After. Beside the answers the log (one line per event, no
// secrets, no failures), memory, goroutines and the metrics are looked at, and that answers go to those who asked.
//
// The short version tries a choice of the cases, some thousand per service; ./task test runs a tenth of it on every operation,
// ./task test -workshop (the build constraint "workshop") all of it. HOSTILE_TIME=5m tries all cases there are, in every
// place, slow bodies included, and then random combinations for that long.
package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/config"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
)

// TimeVariable names the environment variable that asks for the long version; it holds a duration.
const TimeVariable = "HOSTILE_TIME"

const (
	// workers is how many connections attack at once, so that answers can be mixed up if they ever are.
	workers = 4
	// maxFindings bounds what is reported.
	maxFindings = 40
)

// kit attacks one service.
type kit struct {
	address  string
	document *document
	sign     func() string // a good token of a new session
	bad      map[string][]string
	samples  map[string][]string
	short    bool
	log      func() string
	secrets  []string
	random   *rand.Rand
	serial   atomic.Int64

	mu       sync.Mutex
	made     map[string][]string // ids, by the path of their collection
	cases    map[string]int      // by attack
	statuses map[int]int         // 0 is a closed connection
	findings []string
	total    int
}

// Option changes a check.
type Option func(*kit, *authn.Claims)

// Sample returns a body that an operation takes, for those whose schema does not tell enough to make one.
func Sample(operationID, body string) Option {
	return func(k *kit, _ *authn.Claims) { k.samples[operationID] = append(k.samples[operationID], body) }
}

// As makes the calls those of a user that the service knows; by default it is one that no service knows.
func As(userID int64) Option {
	return func(_ *kit, c *authn.Claims) { c.UserID = userID }
}

// Check attacks an instance that runs with these settings (JWT_SECRET_KEY, REDIS_DSN and REDIS_PREFIX among them)
// and reports what is wrong as errors of the test. The test must not run in parallel to others: the memory of the
// process is measured. What the service stores afterwards is rubbish.
func Check(t *testing.T, i *servicetest.Instance, settings map[string]string, options ...Option) {
	t.Helper()
	var dsn config.RedisDSN
	require.NoError(t, dsn.Decode(settings["REDIS_DSN"]))
	redis := redistest.Open(t, redis.Settings{DSN: dsn, Prefix: settings["REDIS_PREFIX"]})
	credentialsKit := authntest.For(t, settings)
	claims := authntest.Claims(authn.AllPermissions)
	k := newKit(strings.TrimPrefix(i.URL, "http://"))
	for _, option := range options {
		option(k, &claims)
	}
	k.sign = func() string {
		c := claims
		c.SessionID, c.UserEpoch, c.RoleEpoch = uuid.New(), 1<<40, 1<<40 // made after every revocation
		return credentialsKit.Sign(t, c)
	}
	k.bad = credentials(t, credentialsKit)
	k.log = i.Log
	if secret := settings["JWT_SECRET_KEY"]; secret != "" {
		k.secrets = append(k.secrets, secret)
	}
	credentialsKit.Publish(t, redis)

	begun := time.Now()
	long := duration(t)
	k.short = long == 0
	k.run(t.Context(), t, long)
	k.summary(t, i.Service.Identity().Name, time.Since(begun))
}

// CheckSlow holds connections to an instance with headers that never end, and some on which nothing comes, asks it meanwhile, and reports
// those that it does not close as errors of the test. That takes its ReadHeaderTimeout, 10 s, all of it waiting: other tests may run beside it.
func CheckSlow(t *testing.T, i *servicetest.Instance) {
	t.Helper()
	k := newKit(strings.TrimPrefix(i.URL, "http://"))
	k.sign = func() string { return "" }
	require.NoError(t, k.readDocument(t.Context()))
	var slow sync.WaitGroup
	slow.Go(func() { k.slow(t.Context()) })
	k.all(t.Context(), slices.Repeat([]*attempt{{attack: "slow", what: "beside them", method: http.MethodGet, target: "/healthz", anonymous: true}}, 20))
	slow.Wait()
	for _, finding := range k.findings {
		t.Error(finding)
	}
}

func newKit(address string) *kit {
	return &kit{
		address: address, samples: map[string][]string{}, made: map[string][]string{}, cases: map[string]int{}, statuses: map[int]int{},
		random: rand.New(rand.NewPCG(8, 20)), log: func() string { return "" }, short: true,
	}
}

func duration(t testing.TB) time.Duration {
	t.Helper()
	text := os.Getenv(TimeVariable)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, TimeVariable)
	return d
}

// run does it all; findings are collected.
func (k *kit) run(ctx context.Context, t testing.TB, long time.Duration) {
	t.Helper()
	require.NoError(t, k.readDocument(ctx))
	k.all(ctx, k.goods()) // twice: some things can only be made when others are there
	k.all(ctx, k.goods())
	logged := len(k.log())
	before := measure()

	var slow sync.WaitGroup
	if !k.short {
		slow.Go(func() { k.slow(ctx) })
	}
	k.all(ctx, k.attempts())
	for end := time.Now().Add(long); time.Now().Before(end) && ctx.Err() == nil; {
		k.all(ctx, k.combined())
	}
	k.raw(ctx)
	k.idle(ctx)
	slow.Wait()
	k.metrics(ctx)
	k.checkLog(k.log()[logged:])
	k.checkGrowth(before)
}

func (k *kit) readDocument(ctx context.Context) error {
	c := &connection{address: k.address}
	defer c.close()
	a := &attempt{method: http.MethodGet, target: "/openapi.json", anonymous: true}
	r, err := c.exchange(ctx, a.method, a.wire(k.address, "document", ""))
	if err != nil {
		return err
	}
	k.document, err = readDocument(r.body)
	return err
}

// goods calls every operation as the document says.
func (k *kit) goods() []*attempt {
	var list []*attempt
	for _, op := range k.document.operations {
		if op.method != http.MethodDelete {
			list = append(list, k.plain(op)...)
		}
	}
	return list
}

// attempts lists every attack on every operation, mixed, so that no operation is asked for long by all workers at
// once; those that delete come last.
func (k *kit) attempts() []*attempt {
	var list, last []*attempt
	for _, op := range k.document.operations {
		if some := k.attacks(op); op.method == http.MethodDelete {
			last = append(last, some...)
		} else {
			list = append(list, some...)
		}
	}
	for _, part := range [][]*attempt{list, last} {
		k.random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return append(list, last...)
}

func (k *kit) attacks(op *operation) []*attempt {
	return slices.Concat(k.plain(op), k.some(20, k.paths(op)), k.some(25, k.queries(op)), k.some(25, k.headers(op)),
		k.some(120, k.values(op)), k.some(40, k.bodies(op)), k.some(15, k.tokens(op)))
}

// combined joins what two random attacks change: a place and a body, or a header.
func (k *kit) combined() []*attempt {
	all := k.attempts()
	byOperation := map[*operation][]*attempt{}
	for _, a := range all {
		if a.attack != "credentials" && a.attack != "bomb" && a.attack != "method" {
			byOperation[a.op] = append(byOperation[a.op], a)
		}
	}
	var list []*attempt
	for _, some := range byOperation {
		for range 200 {
			a, b := *some[k.random.IntN(len(some))], some[k.random.IntN(len(some))]
			a.what += " with " + b.attack + " " + b.what
			a.attack, a.want, a.elsewhere, a.mayClose, a.names = "combined", nil, true, a.mayClose || b.mayClose, true
			if len(b.body) > 0 {
				a.body = b.body
			}
			if len(a.header) == 0 {
				a.header = b.header
			}
			list = append(list, &a)
		}
	}
	return list
}

// some takes n of many in the short version, others for each operation, so that all of them come at some; in the everyday
// run only a share of n.
func (k *kit) some(n int, list []*attempt) []*attempt {
	n = max(1, n*share/100)
	if !k.short || len(list) <= n {
		return list
	}
	k.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:n]
}

// all makes the attempts, some at once.
func (k *kit) all(ctx context.Context, list []*attempt) {
	queue := make(chan *attempt)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			c := &connection{address: k.address}
			defer c.close()
			for a := range queue {
				k.try(ctx, c, a)
			}
		})
	}
	for _, a := range list {
		queue <- a
	}
	close(queue)
	group.Wait()
}

// try makes one attempt and judges its answer.
func (k *kit) try(ctx context.Context, c *connection, a *attempt) {
	id := fmt.Sprintf("hostile-%d", k.serial.Add(1))
	r, err := c.exchange(ctx, a.method, a.wire(k.address, id, k.sign()))
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		k.count(a, 0)
		if !a.mayClose {
			k.find(a, "no answer: "+err.Error())
		}
		return
	}
	k.count(a, r.status)
	if slices.ContainsFunc(a.header, func(line string) bool { return strings.HasPrefix(line, "X-Request-ID:") }) || len(r.header.Values("X-Request-ID")) == 1 && a.mayClose && r.closing {
		id = "" // the client's was not taken, or the request was not understood
	}
	if problem := k.judge(a, id, r); problem != "" {
		k.find(a, fmt.Sprintf("%d: %s", r.status, problem))
	}
	if a.attack == "good" && r.status == http.StatusCreated {
		k.remember(a.op.path, r.body)
	}
}

// remember keeps the ids of what was made.
func (k *kit) remember(path string, body []byte) {
	var made map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if decoder.Decode(&made) != nil {
		return
	}
	for _, name := range []string{"id", "guid"} {
		if id, ok := made[name]; ok {
			k.mu.Lock()
			k.made[path] = append(k.made[path], fmt.Sprint(id))
			k.mu.Unlock()
		}
	}
}

func (k *kit) count(a *attempt, status int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.total++
	k.cases[a.attack]++
	k.statuses[status]++
}

func (k *kit) find(a *attempt, problem string) { k.found(a.String() + "\n\t" + problem) }

func (k *kit) found(finding string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.findings = append(k.findings, finding)
}

// summary prints what was tried and reports the findings.
func (k *kit) summary(t testing.TB, name string, elapsed time.Duration) {
	t.Helper()
	for i, finding := range k.findings {
		if i == maxFindings {
			t.Errorf("%d findings more", len(k.findings)-maxFindings)
			break
		}
		t.Error(finding)
	}
	for _, attack := range slices.Sorted(maps.Keys(k.cases)) {
		t.Logf("%-12s %6d", attack, k.cases[attack])
	}
	for _, status := range slices.Sorted(maps.Keys(k.statuses)) {
		t.Logf("%-12d %6d", status, k.statuses[status])
	}
	// Also without -v, where the log of a test that passes is not shown.
	_, _ = fmt.Fprintf(io.Writer(os.Stderr), "hostile input: %s: %d cases on %d operations in %s, %d findings\n",
		name, k.total, len(k.document.operations), elapsed.Round(100*time.Millisecond), len(k.findings))
}

package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/lanetest"
	"nms.example/common/redistest"
)

// subject is a piece of equipment whose name carries a number that only grows, with what shows that name
// elsewhere: a child's way and a command.
type subject struct {
	id, child, command int64
	answered           atomic.Int64 // the highest number that a writer was answered for
}

func (s *subject) name(n int64) string { return fmt.Sprintf("s%d v%d", s.id, n) }

// view is one way to see a subject's number.
type view struct {
	path func(s *subject) string
	// number finds the subject's number in an answer.
	number func(s *subject, body []byte) (int64, bool)
}

// numberIn finds "s<id> v<number>" in a text.
func numberIn(s *subject, text []byte) (int64, bool) {
	_, rest, found := strings.Cut(string(text), fmt.Sprintf("s%d v", s.id))
	if !found {
		return 0, false
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseInt(rest[:end], 10, 64)
	return n, err == nil
}

var views = []view{
	{func(s *subject) string { return fmt.Sprintf("/equipments/%d", s.id) }, numberIn},
	{func(s *subject) string { return fmt.Sprintf("/equipments/%d", s.child) }, numberIn},
	{func(s *subject) string { return fmt.Sprintf("/commands/%d", s.command) }, numberIn},
	{func(*subject) string { return "/equipments" }, numberIn},
	{func(*subject) string { return "/commands" }, numberIn},
	{func(s *subject) string { return fmt.Sprintf("/equipments?root-id=%d", s.id) }, numberIn},
}

// hunt drives two instances and looks for an answer older than what a writer was already told.
type hunt struct {
	t         *testing.T
	ctx       context.Context
	instances []*bundle
	token     string
	subjects  []*subject
	reads     atomic.Int64
	unchanged atomic.Int64 // answered with 304
	writes    atomic.Int64
	failed    atomic.Int64 // answers without a verdict: 5xx while something was down
	mu        sync.Mutex
	stale     []string
}

func (h *hunt) random() *bundle { return h.instances[rand.IntN(len(h.instances))] }

// ask sends a request without failing the test when something is down.
func (h *hunt) ask(b *bundle, method, path, body, ifNoneMatch string) (status int, etag string, answer []byte) {
	req, err := http.NewRequestWithContext(h.ctx, method, b.instance.URL+"/api/v1/cfg"+path, strings.NewReader(body))
	if err != nil {
		return 0, "", nil
	}
	req.Header.Set("Authorization", "Bearer "+h.token)
	req.Header.Set("Content-Type", "application/json")
	if ifNoneMatch != "" {
		req.Header.Set("If-None-Match", ifNoneMatch)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", nil
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", nil
	}
	return resp.StatusCode, resp.Header.Get("ETag"), answer
}

// look reads one view and compares it with what was answered before the read began.
func (h *hunt) look(b *bundle, s *subject, v view, known map[string]int64) {
	path := v.path(s)
	floor := s.answered.Load()
	key, etag := b.instance.URL+path+strconv.FormatInt(s.id, 10), ""
	for tag := range known { // any tag of this view will do
		if found, ok := strings.CutPrefix(tag, key+" "); ok {
			etag = found
			break
		}
	}
	status, newTag, body := h.ask(b, http.MethodGet, path, "", etag)
	var number int64
	switch status {
	case http.StatusOK:
		n, found := v.number(s, body)
		if !found {
			h.report(fmt.Sprintf("%s: no number in %.200s", path, body))
			return
		}
		number = n
		delete(known, key+" "+etag)
		known[key+" "+newTag] = n
	case http.StatusNotModified:
		h.unchanged.Add(1)
		number = known[key+" "+etag]
	default:
		h.failed.Add(1)
		return
	}
	h.reads.Add(1)
	if number < floor {
		h.report(fmt.Sprintf("%s answered %d after a writer was answered for %d (status %d)", path, number, floor, status))
	}
}

func (h *hunt) report(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stale = append(h.stale, what)
}

func (h *hunt) read() {
	known := map[string]int64{}
	for h.ctx.Err() == nil {
		h.look(h.random(), h.subjects[rand.IntN(len(h.subjects))], views[rand.IntN(len(views))], known)
	}
}

// write renames one subject over and over and looks at once through the other instance.
func (h *hunt) write(s *subject) {
	known := map[string]int64{}
	for n := int64(2); h.ctx.Err() == nil; n++ {
		at := rand.IntN(2)
		body, _ := json.Marshal(map[string]string{"name": s.name(n)})
		status, _, _ := h.ask(h.instances[at], http.MethodPatch, fmt.Sprintf("/equipments/%d", s.id), string(body), "")
		if status != http.StatusOK {
			h.failed.Add(1)
			continue
		}
		s.answered.Store(n)
		h.writes.Add(1)
		h.look(h.instances[1-at], s, views[rand.IntN(len(views))], known)
	}
}

// disturb kills Redis and cuts the database connections now and then, a number of times, and on until enough was read and
// written; then it ends the hunt.
func (h *hunt) disturb(redis *redistest.Server, conn *pgx.Conn, rounds int64, end func()) {
	defer end()
	pause := func(d time.Duration) {
		select {
		case <-h.ctx.Done():
		case <-time.After(d):
		}
	}
	for n := int64(0); n < rounds || h.reads.Load() <= rounds*100 || h.writes.Load() <= rounds*5 || h.unchanged.Load() <= 10; n++ {
		if h.ctx.Err() != nil {
			return
		}
		pause(2 * time.Second)
		redis.Kill()
		pause(1500 * time.Millisecond)
		redis.Restart()
		pause(1500 * time.Millisecond)
		// The cache's own connection among them: its lease must not outlive what it can hear.
		_, _ = conn.Exec(h.ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5`)
	}
}

// No reader ever sees older data after a writer's answer: through either instance, racing the writer,
// while Redis dies and connections are cut. A minute; in the everyday run ten seconds.
func TestNoStaleAnswerInAMinute(t *testing.T) {
	t.Parallel()
	redis := redistest.StartServer(t)
	one := setupIn(t, "prod", map[string]string{"REDIS_DSN": redis.DSN.Reveal()})
	two := one.another()
	section := one.section("S", 0)
	h := &hunt{t: t, instances: []*bundle{one, two}, token: token(t, authn.AllPermissions)}
	for i := range 3 {
		s := &subject{}
		s.id = one.node(fmt.Sprintf("subject %d", i), 0)
		s.child = one.node(fmt.Sprintf("child %d", i), s.id)
		s.command = one.command(fmt.Sprintf("C%d", i), s.id, section, nil)
		one.Patch(fmt.Sprintf("/equipments/%d", s.id), map[string]string{"name": s.name(1)}).Is(http.StatusOK)
		s.answered.Store(1)
		h.subjects = append(h.subjects, s)
	}
	conn := one.connect()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.ctx = ctx
	var running sync.WaitGroup
	for _, s := range h.subjects {
		running.Go(func() { h.write(s) })
	}
	for range 4 {
		running.Go(h.read)
	}
	rounds := int64(2) // of five seconds
	if lanetest.Workshop {
		rounds = 12
	}
	running.Go(func() { h.disturb(redis, conn, rounds, cancel) })
	running.Wait()

	t.Logf("%d reads (%d of them 304), %d writes, %d answers without a verdict", h.reads.Load(), h.unchanged.Load(), h.writes.Load(), h.failed.Load())
	require.Empty(t, h.stale)
	for _, b := range h.instances {
		select {
		case err := <-b.instance.Failures():
			require.NoError(t, err)
		default:
		}
	}
}

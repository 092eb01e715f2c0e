package telemetry_test

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/telemetry"
)

// writes keeps every piece that was written.
type writes struct {
	mu     sync.Mutex
	pieces [][]byte
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pieces = append(w.pieces, bytes.Clone(p))
	return len(p), nil
}

func (w *writes) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pieces)
}

func (w *writes) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(bytes.Join(w.pieces, nil))
}

func TestLinesGatherForAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := new(writes)
		lines := telemetry.NewLineBuffer(out)
		log := telemetry.NewLogger(lines, telemetry.LogOptions{Service: "s"})
		log.Info("one")
		log.Info("two")
		require.Zero(t, out.count())
		time.Sleep(51 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, 1, out.count())
		require.Equal(t, 2, strings.Count(out.text(), "\n"))
		log.Info("three")
		time.Sleep(51 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, 2, out.count(), "a later line is not forgotten")
	})
}

func TestWarningsDoNotWait(t *testing.T) {
	t.Parallel()
	for _, level := range []slog.Level{slog.LevelWarn, slog.LevelError} {
		out := new(writes)
		log := telemetry.NewLogger(telemetry.NewLineBuffer(out), telemetry.LogOptions{Service: "s"}).With("a", 1).WithGroup("g")
		log.Info("before")
		log.Log(t.Context(), level, "now", "b", 2)
		require.Regexp(t, `(?s)msg=before.*\n.*msg=now.*g\.b=2\n$`, out.text(), level)
	}
}

func TestLinesKeepOrderAndNoneIsLost(t *testing.T) {
	t.Parallel()
	out := new(writes)
	lines := telemetry.NewLineBuffer(out)
	const writers, each = 4, 2000
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				_, _ = lines.Write([]byte(strconv.Itoa(w) + " " + strconv.Itoa(i) + "\n"))
			}
		})
	}
	all.Wait()
	long := strings.Repeat("x", 100_000) + "\n"
	_, err := lines.Write([]byte(long))
	require.NoError(t, err)
	lines.Flush()
	lines.Flush() // nothing is written twice
	text, ok := strings.CutSuffix(out.text(), long)
	require.True(t, ok, "the long line comes last, whole")
	var next [writers]int
	for line := range strings.Lines(text) {
		w, i, _ := strings.Cut(strings.TrimSpace(line), " ")
		writer, err := strconv.Atoi(w)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(next[writer]), i)
		next[writer]++
	}
	require.Equal(t, [writers]int{each, each, each, each}, next)
	require.Less(t, out.count(), writers*each/100, "lines go together")
}

package password_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/crypto/bcrypt"

	"nms.example/common/fault"
	"nms.example/common/waittest"

	"nms.example/auth/internal/password"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPolicy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"correct horse battery":                nil,
		"пароль из кириллицы":                  nil,
		"a-long-password-1":                    nil,
		strings.Repeat("ab cd", 14):            password.ErrCommon,
		"x" + strings.Repeat("жэ", 18):         password.ErrLong,
		strings.Repeat("long text ", 7) + "ab": nil,
		"this is exactly seventy-two bytes, which is what bcrypt reads and no more": password.ErrLong,
		"this is exactly seventy-two bytes, what bcrypt reads and not one more !!":  nil,
		"elevenchars":        password.ErrShort,
		"одиннадцать":        password.ErrShort,
		"password1234":       password.ErrCommon,
		"Password2026!!":     password.ErrCommon,
		"P@ssw0rd!!!!!!":     password.ErrCommon,
		"Tr0ub4dor&3 staple": nil,
		"aaaaaaaaaaaaaa":     password.ErrCommon,
		"abcabcabcabc":       password.ErrCommon,
		"123456789012":       password.ErrCommon,
		"qwertyuiop[]":       password.ErrCommon,
		"йцукенгшщзхъ":       password.ErrCommon,
		"zyxwvutsrqponm":     password.ErrCommon,
		"administrator1":     password.ErrCommon,
		"iloveyouiloveyou":   password.ErrCommon,
	} {
		err := password.Check(text, fault.Field("password"), "somebody")
		if want == nil {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorIs(t, err, want, text)
		require.Equal(t, fault.Field("password"), fault.As(err).Details[0].Place())
		require.NotContains(t, err.Error(), text)
	}
	require.ErrorIs(t, password.Check("Administrator of us", fault.Input, "administrator OF us"), password.ErrOwn)
}

func start(t *testing.T, s password.Settings) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(s)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return h
}

func admit() error { return nil }

func TestCompareRenewsCheaperHashes(t *testing.T) {
	t.Parallel()
	h := start(t, password.Settings{Cost: 6, Workers: 2})
	cheap, err := bcrypt.GenerateFromPassword([]byte("secret words here"), 4)
	require.NoError(t, err)
	result, err := h.Compare(t.Context(), string(cheap), "secret words here", admit)
	require.NoError(t, err)
	require.True(t, result.Match)
	cost, err := bcrypt.Cost([]byte(result.Renewed))
	require.NoError(t, err)
	require.Equal(t, 6, cost)
	again, err := h.Compare(t.Context(), result.Renewed, "secret words here", admit)
	require.NoError(t, err)
	require.True(t, again.Match)
	require.Empty(t, again.Renewed)

	// Python's prefixes, and its habit of reading the first 72 bytes only.
	for _, prefix := range []string{"$2b$", "$2y$"} {
		other := prefix + strings.TrimPrefix(string(cheap), "$2a$")
		result, err := h.Compare(t.Context(), other, "secret words here", admit)
		require.NoError(t, err)
		require.True(t, result.Match, prefix)
	}
	long := strings.Repeat("x", 72)
	hash, err := h.Hash(t.Context(), long)
	require.NoError(t, err)
	result, err = h.Compare(t.Context(), hash, long+"and more", admit)
	require.NoError(t, err)
	require.True(t, result.Match)
}

// TestNoHashNeverMatchesAndTakesAsLong compares processor time, which other programs do not disturb. It
// is not parallel, so that other tests do not either.
func TestNoHashNeverMatchesAndTakesAsLong(t *testing.T) { //nolint:paralleltest // see above
	h := start(t, password.Settings{Cost: 9, Workers: 1})
	full, err := h.Hash(t.Context(), "the right password")
	require.NoError(t, err)
	cheap, err := bcrypt.GenerateFromPassword([]byte("the right password"), 5)
	require.NoError(t, err)
	least := map[string]time.Duration{}
	for range 5 {
		for name, hash := range map[string]string{"none": "", "full": full, "cheap": string(cheap)} {
			before := cpuTime(t)
			result, err := h.Compare(t.Context(), hash, "a wrong password", admit)
			took := cpuTime(t) - before
			require.NoError(t, err)
			require.False(t, result.Match)
			if least[name] == 0 || took < least[name] {
				least[name] = took
			}
		}
	}
	for _, name := range []string{"none", "cheap"} {
		require.InEpsilon(t, float64(least["full"]), float64(least[name]), 0.25, "%v", least)
	}
}

// cpuTime is the processor time of this process so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func TestRefusalsOfAdmitCostNothing(t *testing.T) {
	t.Parallel()
	h := start(t, password.Settings{Cost: 4, Workers: 1})
	refusal := fault.New(fault.CodeAttempts, "later")
	_, err := h.Compare(t.Context(), "", "x", func() error { return refusal })
	require.ErrorIs(t, err, refusal)
}

func TestTheQueueIsBounded(t *testing.T) {
	t.Parallel()
	h := start(t, password.Settings{Cost: 4, Workers: 1, Queue: 2, MaxWait: 300 * time.Millisecond})
	release := make(chan struct{})
	entered := make(chan struct{})
	var busy atomic.Int32
	var group sync.WaitGroup
	group.Go(func() {
		_, _ = h.Compare(t.Context(), "", "x", func() error { close(entered); <-release; return nil })
	})
	<-entered
	for range 5 {
		group.Go(func() {
			_, err := h.Compare(t.Context(), "", "x", admit)
			if fault.As(err) != nil && fault.As(err).RetryAfter > 0 && fault.KindOf(err) == fault.Unavailable {
				busy.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return busy.Load() == 5 }, waittest.Bound, time.Millisecond,
		"three find the queue full, two wait too long")
	close(release)
	group.Wait()
}

func TestWhoGaveUpCostsNothing(t *testing.T) {
	t.Parallel()
	h := start(t, password.Settings{Cost: 4, Workers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Compare(ctx, "", "x", func() error { t.Error("must not be tried"); return nil })
	require.ErrorIs(t, err, context.Canceled)
}

// Each worker takes one more processor for Go's scheduler, which must not make the next instance's workers more.
func TestInstancesInOneProcessHaveAsManyWorkersEach(t *testing.T) {
	t.Parallel()
	var workers []int
	for range 5 {
		h := start(t, password.Settings{Cost: 4})
		_, err := h.Hash(t.Context(), "one that shows that it runs")
		require.NoError(t, err)
		workers = append(workers, h.Workers())
	}
	require.Equal(t, []int{workers[0], workers[0], workers[0], workers[0], workers[0]}, workers)
}

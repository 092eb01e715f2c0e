package app_test

import (
	"math"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
)

// at returns the stand as seen from another address.
func (s *stand) at(address string) *stand {
	other := *s
	other.from = address
	return &other
}

// passes is the most attempts that a gate lets through from begun until now: the free ones, one more that is followed by a
// delay of a second, and one each time that the delay, twice as long each time, has passed. On a slow machine some do.
func passes(free int, begun time.Time) int {
	return free + 1 + int(math.Log2(time.Since(begun).Seconds()+1))
}

// guess tries passwords until it is refused by the delay, and returns how many were really tried.
func (s *stand) guess(at *servicetest.Instance, login string, most int) int {
	s.t.Helper()
	for i := range most {
		r := s.as("").At(at).Post("/token", passwordGrant(login, "guess "+strconv.Itoa(i)))
		if r.Status == http.StatusTooManyRequests {
			seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
			require.NoError(s.t, err)
			require.Positive(s.t, seconds)
			require.Equal(s.t, "temporarily_unavailable", r.Field("error"))
			return i
		}
		require.Equal(s.t, http.StatusBadRequest, r.Status)
	}
	return most
}

// closed checks that a login is refused by the delay. Should the delay have passed, the one after it is twice as long.
func (s *stand) closed(login string) {
	s.t.Helper()
	require.Less(s.t, s.guess(s.Instance, login, 50), 50)
}

func TestGuessingIsSlowedDownOverAllInstances(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"})
	second := s.start()
	stranger := s.at("192.0.2.1")
	begun := time.Now()
	tried := stranger.guess(s.Instance, "admin_nms", 50)
	require.LessOrEqual(t, tried, passes(5, begun))
	tried += s.at("192.0.2.2").guess(second, "ADMIN_NMS", 50)
	require.LessOrEqual(t, tried, passes(5, begun), "another address, another instance, the same account")
	begun = time.Now()
	tried = stranger.guess(s.Instance, "nobody", 50)
	require.LessOrEqual(t, tried, passes(5, begun), "accounts that do not exist are no different")
}

// The guide's command lets somebody in at once.
func TestDeletingTheCountersEndsTheDelay(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const most = 50
	require.Less(t, s.guess(s.Instance, "admin_nms", most), most)
	guide := servicetest.Text(t, "docs/operating.md")
	command := regexp.MustCompile("`(redis-cli -u \"\\$URL\" --scan .*)`").FindStringSubmatch(guide)
	require.NotNil(t, command, "docs/operating.md has no command")
	shell := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(command[1], "'nms:", "'"+s.settings["REDIS_PREFIX"]))
	shell.Env = append(os.Environ(), "URL="+s.settings["REDIS_DSN"])
	out, err := shell.CombinedOutput()
	require.NoError(t, err, string(out))
	s.login("admin_nms", adminPassword)
}

func TestAnAddressIsSlowedDownOverAllAccounts(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"})
	tried, refused, begun := 0, false, time.Now()
	for i := 0; i < 100 && !refused; i++ {
		// Addresses of one IPv6 /64 are one.
		from := s.at("2001:db8::" + strconv.FormatInt(int64(i+1), 16))
		n := from.guess(s.Instance, "user "+strconv.Itoa(i), 1)
		tried, refused = tried+n, n == 0
	}
	require.True(t, refused)
	require.LessOrEqual(t, tried, passes(30, begun))
}

func TestAStrangerDoesNotLockOutWhoIsKnown(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"})
	home := s.at("198.51.100.7")
	home.login("admin_nms", adminPassword)
	stranger := s.at("192.0.2.1")
	require.Less(t, stranger.guess(s.Instance, "admin_nms", 50), 50)
	s.at("192.0.2.9").closed("admin_nms")
	home.login("admin_nms", adminPassword)
	home.login("Admin_NMS", adminPassword)

	// A stranger behind the same address closes it for those who are not known there, and nobody else.
	for i := range 40 {
		home.guess(s.Instance, "user "+strconv.Itoa(i), 1)
	}
	home.closed("one more")
	home.login("admin_nms", adminPassword)
	// Guessing at the account itself from there closes that way too.
	begun := time.Now()
	tried := home.guess(s.Instance, "admin_nms", 50)
	require.LessOrEqual(t, tried, passes(10, begun))
}

func TestParallelGuessesAreCountedBeforeTheyFail(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8", "BCRYPT_WORKERS": "2", "BCRYPT_QUEUE": "200"})
	stranger := s.at("192.0.2.1")
	began := time.Now()
	var tried atomic.Int32
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			if stranger.as("").Post("/token", passwordGrant("admin_nms", strconv.Itoa(i))).Status == http.StatusBadRequest {
				tried.Add(1)
			}
		})
	}
	group.Wait()
	require.LessOrEqual(t, int(tried.Load()), passes(5, began))
}

func TestGuessingWithoutRedisIsSlowedDownToo(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"REDIS_DSN": "redis://127.0.0.1:1/0"})
	begun := time.Now()
	tried := s.guess(s.Instance, "nobody", 50)
	require.LessOrEqual(t, tried, passes(5, begun))
	s.admin()
}

func TestOwnPasswordIsNotGuessedFromAnOpenSession(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	tried, begun := 0, time.Now()
	for ; tried < 50; tried++ {
		r := admin.Post("/me/password", map[string]any{
			"current_password": "guess " + strconv.Itoa(tried), "new_password": "a new one of length",
		})
		if r.Status == http.StatusTooManyRequests {
			break
		}
	}
	require.LessOrEqual(t, tried, passes(5, begun))
}

func TestAFullQueueIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"BCRYPT_COST": "12", "BCRYPT_WORKERS": "1", "BCRYPT_QUEUE": "1"})
	answers := make([]*servicetest.Answer, 12)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			answers[i] = s.as("").Post("/token", passwordGrant("admin_nms", adminPassword))
		})
	}
	group.Wait()
	fine, busy := 0, 0
	for _, r := range answers {
		if r.Status == http.StatusOK {
			fine++
			continue
		}
		busy++
		require.Equal(t, http.StatusServiceUnavailable, r.Status, "%s", r.Body)
		require.NotEmpty(t, r.Header.Get("Retry-After"), "%s", r.Body)
	}
	require.Positive(t, fine)
	require.Positive(t, busy)
}

// TestUnknownLoginsTakeAsLong compares processor time, which other programs do not disturb. It is not
// parallel, so that other tests do not either.
func TestUnknownLoginsTakeAsLong(t *testing.T) { //nolint:paralleltest // see above
	s := setup(t, map[string]string{"BCRYPT_COST": "10", "TRUSTED_PROXIES": "127.0.0.0/8"})
	least := map[string]time.Duration{}
	for i := range 5 {
		for _, login := range []string{"admin_nms", "nobody"} {
			// Another address each time: the delay is not what is measured.
			from := s.at("2001:db8:" + strconv.FormatInt(int64(i+1), 16) + "::1")
			before := cpuTime(t)
			r := from.as("").Post("/token", passwordGrant(login, "wrong password"))
			took := cpuTime(t) - before
			require.Equal(t, http.StatusBadRequest, r.Status)
			if least[login] == 0 || took < least[login] {
				least[login] = took
			}
		}
	}
	// Without the decoy it would be a tenth.
	require.InEpsilon(t, float64(least["admin_nms"]), float64(least["nobody"]), 0.25, "%v", least)
}

// cpuTime is the processor time of this process so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

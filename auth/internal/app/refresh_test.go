package app_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/servicetest"
)

// chain is one session, seen from its refresh tokens: the first is token 0, its successor token 1, and so on.
type chain struct {
	*stand

	pool      *db.Pool[db.AUTH]
	instances []*servicetest.Instance
	tokens    []tokens
	turn      int
}

// refresh uses a token, at each instance in turn.
func (c *chain) refresh(t *testing.T, generation int) (tokens, int) {
	t.Helper()
	c.turn++
	return c.refreshAt(t, c.turn, generation)
}

func (c *chain) refreshAt(t *testing.T, instance, generation int) (got tokens, status int) {
	t.Helper()
	r := c.as("").At(c.instances[instance%len(c.instances)]).Post("/token", refreshGrant(c.tokens[generation].Refresh))
	if r.Status == http.StatusOK {
		r.Into(&got)
	}
	return got, r.Status
}

// age makes every use of a token so much older.
func (c *chain) age(t *testing.T, by time.Duration) {
	t.Helper()
	_, err := c.pool.Exec(t.Context(), "UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $1) WHERE used_at IS NOT NULL", by.Seconds())
	require.NoError(t, err)
}

// lives reports whether the newest access token is good.
func (c *chain) lives(t *testing.T) bool {
	t.Helper()
	return c.as(c.tokens[len(c.tokens)-1].Access).Get("/me").Status == http.StatusOK
}

// use is one step of a case: the token that is used, after what time, and the token that is the answer.
type use struct {
	token  int
	after  time.Duration
	answer int // refused: none
}

const refused = -1

//nolint:paralleltest,tparallel // they age the tokens of one database, and count its sessions
func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	s := setup(t)
	sessions := &chain{stand: s, instances: []*servicetest.Instance{s.Instance, s.start()}, pool: pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})}
	t.Run("a predecessor races its successor", func(t *testing.T) { predecessorRacesSuccessor(t, sessions) })
	t.Run("two tabs get the same successor", func(t *testing.T) { twoTabs(t, sessions) })
	t.Run("those that come again", func(t *testing.T) { tokensThatComeAgain(t, sessions) })
}

// begin is a new session at the same instances.
func (c *chain) begin(t *testing.T) *chain {
	t.Helper()
	s := c.in(t)
	return &chain{stand: s, pool: c.pool, instances: c.instances, tokens: []tokens{s.login("admin_nms", adminPassword)}}
}

func tokensThatComeAgain(t *testing.T, sessions *chain) {
	t.Helper()
	for name, c := range map[string]struct {
		uses []use
		ends bool
	}{
		"a token is exchanged for its successor":                       {uses: []use{{0, 0, 1}, {1, 0, 2}, {2, 0, 3}}},
		"two tabs go on with one chain":                                {uses: []use{{0, 0, 1}, {0, 0, 1}, {1, 0, 2}, {1, 0, 2}, {2, 0, 3}}},
		"an answer that was lost is given again, as often as asked":    {uses: []use{{0, 0, 1}, {0, 0, 1}, {0, 0, 1}, {1, 0, 2}}},
		"an answer that was lost is given again eleven seconds later":  {uses: []use{{0, 0, 1}, {0, 11 * time.Second, 1}, {1, 0, 2}}},
		"an answer that was lost is given again four minutes later":    {uses: []use{{0, 0, 1}, {0, 4 * time.Minute, 1}, {1, 0, 2}}},
		"asking again does not make the five minutes longer":           {uses: []use{{0, 0, 1}, {0, 4 * time.Minute, 1}, {0, 61 * time.Second, refused}}, ends: true},
		"after five minutes the session ends as stolen":                {uses: []use{{0, 0, 1}, {0, 301 * time.Second, refused}, {1, 0, refused}}, ends: true},
		"once the successor was used the session ends as stolen":       {uses: []use{{0, 0, 1}, {1, 0, 2}, {0, 0, refused}, {2, 0, refused}}, ends: true},
		"a successor of long ago is good, whatever became of the rest": {uses: []use{{0, 0, 1}, {1, time.Hour, 2}, {2, time.Hour, 3}}},
		"a grandparent ends the session as stolen":                     {uses: []use{{0, 0, 1}, {0, 0, 1}, {1, 0, 2}, {2, 0, 3}, {1, 0, refused}}, ends: true},
	} {
		t.Run(name, func(t *testing.T) {
			one := sessions.begin(t)
			other := one.login("admin_nms", adminPassword)
			for i, u := range c.uses {
				one.age(t, u.after)
				got, status := one.refresh(t, u.token)
				if u.answer == refused {
					require.Equal(t, http.StatusBadRequest, status, "step %d", i)
					continue
				}
				require.Equal(t, http.StatusOK, status, "step %d", i)
				if u.answer == len(one.tokens) {
					one.tokens = append(one.tokens, got)
				}
				require.Equal(t, one.tokens[u.answer].Refresh, got.Refresh, "step %d: never a second chain", i)
			}
			if c.ends {
				one.within("its end at the other instance", func() bool { return !one.lives(t) })
			} else {
				require.True(t, one.lives(t))
			}
			var reason *string
			require.NoError(t, one.pool.QueryRow(t.Context(), "SELECT s.end_reason FROM sessions s ORDER BY s.created_at DESC OFFSET 1 LIMIT 1").Scan(&reason))
			require.Equal(t, c.ends, reason != nil && *reason == "reuse")
			one.as(other.Access).Get("/me").Is(http.StatusOK) // another session of the same user
		})
	}
}

func twoTabs(t *testing.T, sessions *chain) {
	t.Helper()
	one := sessions.begin(t)
	const tabs = 8
	successors := make([]tokens, tabs)
	var group sync.WaitGroup
	for i := range tabs {
		group.Go(func() {
			r := one.as("").At(one.instances[i%2]).Post("/token", refreshGrant(one.tokens[0].Refresh))
			if r.Status == http.StatusOK {
				_ = json.Unmarshal(r.Body, &successors[i])
			}
		})
	}
	group.Wait()
	for _, tk := range successors {
		require.NotEmpty(t, tk.Access)
		require.Equal(t, successors[0].Refresh, tk.Refresh, "one chain, whoever comes second")
		one.as(tk.Access).Get("/me").Is(http.StatusOK)
	}
	one.as("").Post("/token", refreshGrant(successors[0].Refresh)).Is(http.StatusOK)
}

// A predecessor and its successor are used at the same moment. Whichever is first, there is one chain: the predecessor
// gets the successor, or the session has ended.
func predecessorRacesSuccessor(t *testing.T, sessions *chain) {
	t.Helper()
	pool := sessions.pool
	for round := range 15 {
		one := sessions.begin(t)
		first, status := one.refresh(t, 0)
		require.Equal(t, http.StatusOK, status)
		one.tokens = append(one.tokens, first)
		const racers = 6
		answers, statuses := make([]tokens, racers), make([]int, racers)
		var group sync.WaitGroup
		for i := range racers {
			group.Go(func() { answers[i], statuses[i] = one.refreshAt(t, i, i/(racers/2)) }) // half of them each
		}
		group.Wait()
		stolen, next := false, ""
		for i, status := range statuses {
			switch {
			case status == http.StatusBadRequest:
				stolen = true
			case i < racers/2:
				require.Equal(t, first.Refresh, answers[i].Refresh)
			case next == "":
				next = answers[i].Refresh
			default:
				require.Equal(t, next, answers[i].Refresh, "round %d: two chains", round)
			}
		}
		one.tokens = append(one.tokens, answers[racers-1])
		var live, unused int
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM sessions WHERE ended_at IS NULL").Scan(&live))
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL").Scan(&unused))
		require.Equal(t, live, unused, "round %d: one unused token in each live session", round)
		require.Equal(t, !stolen, live == 1, "round %d", round)
		_, err := pool.Exec(t.Context(), "DELETE FROM sessions")
		require.NoError(t, err)
	}
}

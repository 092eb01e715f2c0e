package gate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/console/internal/gate"
	"nms.example/console/internal/standtest"
)

func TestALoginEndsTheSessionThatTheBrowserHad(t *testing.T) {
	t.Parallel()
	b := of(t, standtest.New(t).Console()).login()
	former := *b
	require.Equal(t, http.StatusOK, former.get("/api/v1/auth/me").StatusCode)
	b.login()
	waittest.Until(t, "the former session has ended", func() bool { return former.get("/api/v1/auth/me").StatusCode == http.StatusUnauthorized })
	require.Equal(t, http.StatusOK, b.get("/api/v1/auth/me").StatusCode)
}

func TestASessionIsInItsCookieAlone(t *testing.T) {
	t.Parallel()
	s := standtest.New(t)
	first := s.Console()
	b := of(t, first)
	a := b.call(http.MethodPost, session, `{"login":"admin_nms","password":"`+standtest.AdminPassword+`"}`)
	require.JSONEq(t, `{"password_change_required":false}`, a.body)
	access, next, err := gate.Tokens(standtest.Key, b.cookie)
	require.NoError(t, err)

	t.Run("the cookie is for this host, TLS and HTTP alone, and for no other site", func(t *testing.T) {
		t.Parallel()
		c := a.Cookies()[0]
		require.Equal(t, []any{"__Host-nms-session", "/", "", true, true, http.SameSiteStrictMode, 0},
			[]any{c.Name, c.Path, c.Domain, c.Secure, c.HttpOnly, c.SameSite, c.MaxAge})
	})
	t.Run("no answer holds a token", func(t *testing.T) {
		t.Parallel()
		mine := b.at(first)
		mine.t = t
		for _, path := range []string{"/api/v1/auth/me", "/api/v1/auth/me/sessions", "/", "/metrics", "/openapi.json"} {
			text := fmt.Sprint(mine.get(path, "Accept: */*"))
			require.NotContains(t, text, access, path)
			require.NotContains(t, text, next, path)
		}
		require.NotContains(t, b.cookie, access[:20])
		require.NotContains(t, first.Log(), access)
		require.NotContains(t, first.Log(), next)
	})
	t.Run("another instance with the same key takes it", func(t *testing.T) {
		t.Parallel()
		mine := b.at(s.Console())
		mine.t = t
		require.Equal(t, http.StatusOK, mine.get("/api/v1/auth/me").StatusCode)
	})
	t.Run("an instance with a new key takes those of the old one, and seals with the new", func(t *testing.T) {
		t.Parallel()
		const fresh = "another key for tests that is as long as it must be"
		mine := b.at(s.Console(map[string]string{"CONSOLE_KEY": fresh, "CONSOLE_KEYS_OLD": standtest.Key}))
		mine.t = t
		aged, err := gate.Aged(standtest.Key, mine.cookie)
		require.NoError(t, err)
		mine.cookie = aged
		require.Equal(t, http.StatusOK, mine.get("/api/v1/auth/me").StatusCode)
		_, _, err = gate.Tokens(fresh, mine.cookie)
		require.NoError(t, err)
	})
	t.Run("an instance with another key refuses it and takes it out of the browser", func(t *testing.T) {
		t.Parallel()
		mine := b.at(s.Console(map[string]string{"CONSOLE_KEY": strings.Repeat("x", 40)}))
		mine.t = t
		a := mine.get("/api/v1/auth/me")
		require.Equal(t, http.StatusUnauthorized, a.StatusCode)
		require.Contains(t, a.body, "session_ended")
		require.Equal(t, -1, a.Cookies()[0].MaxAge)
	})
	t.Run("one that was changed in a single letter is refused", func(t *testing.T) {
		t.Parallel()
		mine := b.at(first)
		mine.t = t
		at := len(mine.cookie) / 2
		letter := byte('A')
		if mine.cookie[at] == letter {
			letter = 'B'
		}
		mine.cookie = mine.cookie[:at] + string(letter) + mine.cookie[at+1:]
		require.Equal(t, http.StatusUnauthorized, mine.get("/api/v1/auth/me").StatusCode)
	})
}

func TestLoginsThatAreRefused(t *testing.T) {
	t.Parallel()
	console := standtest.New(t).Console()
	for name, c := range map[string]struct {
		body, code string
		status     int
	}{
		"a wrong password": {`{"login":"admin_nms","password":"wrong"}`, "wrong_credentials", http.StatusBadRequest},
		"a wrong login":    {`{"login":"nobody","password":"wrong"}`, "wrong_credentials", http.StatusBadRequest},
		"no password":      {`{"login":"admin_nms"}`, "required", http.StatusUnprocessableEntity},
		"no JSON":          {`login=admin_nms`, "not_json", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := of(t, console)
			a := b.call(http.MethodPost, session, c.body)
			require.Equal(t, c.status, a.StatusCode, a.body)
			require.Contains(t, a.body, `"`+c.code+`"`)
			require.Empty(t, b.cookie)
		})
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	console := standtest.New(t).Console()
	b := of(t, console).login()
	kept := b.cookie
	a := b.call(http.MethodDelete, session, "")
	require.Equal(t, http.StatusNoContent, a.StatusCode, a.body)
	require.Equal(t, -1, a.Cookies()[0].MaxAge)
	require.Equal(t, `"cache"`, a.Header.Get("Clear-Site-Data"))

	b.cookie = kept // somebody has copied it
	require.Equal(t, http.StatusUnauthorized, b.get("/api/v1/auth/me").StatusCode)
	require.Equal(t, http.StatusUnauthorized, b.call(http.MethodPost, refresh, "").StatusCode)
	require.Equal(t, http.StatusNoContent, b.call(http.MethodDelete, session, "").StatusCode, "a second time")
}

// Two tabs of one browser come with the same token at the same moment, at two instances.
func TestASessionIsRenewedOnceForAllTabs(t *testing.T) {
	t.Parallel()
	s := standtest.New(t)
	auth, err := url.Parse(s.Settings["AUTH_URL"])
	require.NoError(t, err)
	var asked atomic.Int64
	counting := httputil.NewSingleHostReverseProxy(auth)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/auth/token" {
			asked.Add(1)
		}
		counting.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	through := map[string]string{"AUTH_URL": between.URL}
	one, two := s.Console(through), s.Console(through)
	b := of(t, one).login()
	for round := range 3 {
		before := asked.Load()
		aged, err := gate.Aged(standtest.Key, b.cookie)
		require.NoError(t, err)
		var tabs sync.WaitGroup
		statuses, cookies := make([]int, 24), make([]string, 24)
		for i := range statuses {
			tabs.Go(func() {
				tab := *b
				tab.cookie = aged
				if i%2 == 1 {
					tab.url = two.URL
				}
				statuses[i] = tab.get("/api/v1/auth/me").StatusCode
				cookies[i] = tab.cookie
			})
		}
		tabs.Wait()
		require.NotContains(t, statuses, http.StatusUnauthorized, "round %d: %v", round, statuses)
		require.EqualValues(t, 2, asked.Load()-before, "once for each instance")
		_, first, err := gate.Tokens(standtest.Key, cookies[0])
		require.NoError(t, err)
		for _, c := range cookies {
			_, next, err := gate.Tokens(standtest.Key, c)
			require.NoError(t, err)
			require.Equal(t, first, next, "all tabs go on with the same token")
		}
		b.cookie = cookies[0]
	}
	late := *b // a tab that has slept: its cookie was renewed by another one meanwhile
	require.Equal(t, http.StatusOK, late.get("/api/v1/auth/me").StatusCode)
}

func TestAChangedPasswordNeedsARefresh(t *testing.T) {
	t.Parallel()
	s := standtest.New(t)
	b := of(t, s.Console()).login()
	a := b.call(http.MethodPost, "/api/v1/auth/users", `{"login":"operator","name":"Operator","password":"a password for once","role_id":"administrator"}`)
	require.Equal(t, http.StatusCreated, a.StatusCode, a.body)
	operator := of(t, s.Console())
	a = operator.call(http.MethodPost, session, `{"login":"operator","password":"a password for once"}`)
	require.Equal(t, http.StatusOK, a.StatusCode, a.body)
	a = operator.call(http.MethodPost, "/api/v1/auth/me/password", `{"current_password":"a password for once","new_password":"a password of my own"}`)
	require.Equal(t, http.StatusNoContent, a.StatusCode, a.body)
	a = operator.call(http.MethodPost, refresh, "")
	require.Equal(t, http.StatusNoContent, a.StatusCode, a.body)
	require.Equal(t, http.StatusOK, operator.get("/api/v1/auth/users").StatusCode)
}

package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
)

type sessionPage struct {
	Total   int
	Content []struct {
		ID      string
		Address string
		Current bool
	}
}

func TestSessionsOfAnotherUser(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	id := s.user(admin, "u", s.role(admin, "none"))
	one, two := s.login("u", userPassword), s.login("u", userPassword)
	list := path("/users/%d/sessions", id)
	var page sessionPage
	s.do(http.StatusOK, http.MethodGet, list, admin, nil).into(t, &page)
	require.Equal(t, 2, page.Total)
	for _, session := range page.Content {
		require.Equal(t, "127.0.0.1", session.Address)
		require.False(t, session.Current)
	}
	s.do(http.StatusOK, http.MethodGet, list+"?limit=1&page=2", admin, nil).into(t, &page)
	require.Equal(t, 2, page.Total)
	require.Len(t, page.Content, 1)
	s.do(http.StatusOK, http.MethodGet, "/users/1/sessions", admin, nil).into(t, &page)
	require.True(t, page.Content[0].Current)

	for at, p := range map[string]string{
		"path.sid": path("/users/%d/sessions/%s", id, page.Content[0].ID), // there is one, of another user
		"path.id":  path("/users/%d/sessions/%s", id+1, s.sessionOf(one)),
	} {
		require.Contains(t, string(s.do(http.StatusNotFound, http.MethodDelete, p, admin, nil).body), at)
	}
	s.do(http.StatusNotFound, http.MethodGet, path("/users/%d/sessions", id+1), admin, nil)
	s.do(http.StatusUnprocessableEntity, http.MethodDelete, list+"/1", admin, nil)

	s.do(http.StatusNoContent, http.MethodDelete, list+"/"+s.sessionOf(one), admin, nil)
	s.do(http.StatusNotFound, http.MethodDelete, list+"/"+s.sessionOf(one), admin, nil)
	s.do(http.StatusUnauthorized, http.MethodGet, "/me", one.Access, nil)
	s.refused(refreshGrant(one.Refresh), "invalid_grant")
	s.do(http.StatusOK, http.MethodGet, "/me", two.Access, nil)
}

func TestUsersByTheirIDs(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	b, a, c := s.user(admin, "b", role), s.user(admin, "a", role), s.user(admin, "c", role)
	s.do(http.StatusNoContent, http.MethodDelete, path("/users/%d", c), admin, nil)
	type page struct {
		Total   int
		Params  struct{ IDs []int64 }
		Content []struct{ ID int64 }
		Next    string
	}
	ids := func(query string) (p page, list []int64) {
		s.do(http.StatusOK, http.MethodGet, "/users?"+query, admin, nil).into(t, &p)
		for _, u := range p.Content {
			list = append(list, u.ID)
		}
		return p, list
	}
	p, list := ids(path("ids=%d,%d,4711,%d,%d", b, a, c, b))
	require.Equal(t, []int64{a, b, c}, list, "by login, an archived one too, unknown ones left out, each once")
	require.Equal(t, 3, p.Total)
	require.Equal(t, []int64{b, a, 4711, c, b}, p.Params.IDs)
	_, list = ids(path("ids=%d,%d&status=0", a, c))
	require.Equal(t, []int64{a}, list)
	_, list = ids("ids=4711")
	require.Empty(t, list)
	p, list = ids(path("ids=%d,%d,%d&limit=2", a, b, c))
	require.Equal(t, []int64{a, b}, list)
	p, list = ids(path("ids=%d,%d,%d&limit=2&cursor=%s", a, b, c, url.QueryEscape(p.Next)))
	require.Equal(t, []int64{c}, list)
	require.Equal(t, 3, p.Total)

	for _, query := range []string{"ids=", "ids=0", "ids=1,", "ids=x", "ids=1&ids=2", "ids=1" + strings.Repeat(",1", 500), "id=1"} {
		require.Contains(t, string(s.do(http.StatusUnprocessableEntity, http.MethodGet, "/users?"+query, admin, nil).body), "query.id", query)
	}
	s.do(http.StatusOK, http.MethodGet, "/users?ids=1"+strings.Repeat(",1", 499), admin, nil)
}

func TestLanguageOfAUser(t *testing.T) {
	t.Parallel()
	s := setup(t)
	admin := s.admin()
	role := s.role(admin, "none")
	draft := map[string]any{"login": "u", "name": "u", "password": userPassword, "role_id": role, "language": "ru"}
	made := s.do(http.StatusCreated, http.MethodPost, "/users", admin, draft)
	require.Equal(t, "ru", made.field(t, "language"))
	one := path("/users/%v", made.field(t, "id"))
	me := s.login("u", userPassword).Access
	patch := func(path, token string, language any) any {
		return s.do(http.StatusOK, http.MethodPatch, path, token, map[string]any{"language": language}).field(t, "language")
	}
	require.Equal(t, "en", patch("/me", me, "en"))
	require.Equal(t, "en", s.do(http.StatusOK, http.MethodGet, "/me", me, nil).field(t, "language"))
	require.Equal(t, "en", s.do(http.StatusOK, http.MethodPatch, "/me", me, map[string]any{"dark_theme": true}).field(t, "language"), "absent: unchanged")
	require.Nil(t, patch("/me", me, nil))
	require.Nil(t, s.do(http.StatusOK, http.MethodGet, "/me", me, nil).field(t, "language"))
	require.Equal(t, "ru", patch(one, admin, "ru"))

	for _, wrong := range []any{"de", "", "RU", 1} {
		for path, token := range map[string]string{"/me": me, one: admin} {
			r := s.do(http.StatusUnprocessableEntity, http.MethodPatch, path, token, map[string]any{"language": wrong})
			require.Contains(t, string(r.body), "body.language")
			require.NotContains(t, string(r.body), "nil")
		}
	}
	var page struct {
		Content []struct{ Item struct{ Language *string } }
	}
	s.do(http.StatusOK, http.MethodGet, one+"/history", admin, nil).into(t, &page)
	var history []string
	for _, v := range page.Content {
		if v.Item.Language == nil {
			history = append(history, "null")
		} else {
			history = append(history, *v.Item.Language)
		}
	}
	require.Equal(t, []string{"ru", "null", "en", "en", "ru"}, history)
}

func TestAnAPIKeyShowsItsLastUse(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"})
	other := s.guardOf(redistest.DSN(t)) // of another service
	admin := s.admin()
	key := func(name string) string {
		return s.do(http.StatusCreated, http.MethodPost, "/api-keys", admin, map[string]any{"name": name, "permissions": []string{"users:read"}}).
			field(t, "key").(string)
	}
	unused, here, there := key("unused"), key("here"), key("there")
	require.NotEmpty(t, unused)
	began := time.Now()
	for range 3 {
		require.Equal(t, http.StatusOK, s.at("2001:db8::7").status(s.URL, http.MethodGet, prefix+"/users", here, nil))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	require.NoError(t, err)
	r.Header.Set(authn.HeaderAPIKey, there)
	s.eventually("the key at the other service", func() bool {
		p, err := other.Authenticate(t.Context(), r)
		return err == nil && p != nil
	})
	type use struct {
		LastUsedAt      *time.Time `json:"last_used_at"`
		LastUsedAddress *string    `json:"last_used_address"`
	}
	uses := map[string]use{}
	s.eventually("both uses", func() bool {
		var page struct {
			Content []struct {
				Name string
				use
			}
		}
		s.do(http.StatusOK, http.MethodGet, "/api-keys", admin, nil).into(t, &page)
		for _, k := range page.Content {
			uses[k.Name] = k.use
		}
		return uses["here"].LastUsedAt != nil && uses["there"].LastUsedAt != nil
	})
	require.Equal(t, "2001:db8::7", *uses["here"].LastUsedAddress)
	for _, name := range []string{"here", "there"} {
		at := *uses[name].LastUsedAt
		require.WithinRange(t, at, began.Truncate(time.Minute), time.Now())
	}
	require.Equal(t, use{}, uses["unused"])
}

// Nothing can be written into the outbox. A refused login is answered all the same, and told when it can be.
func TestARefusedLoginDoesNotWaitForTheJournal(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.admin()
	tap := bus.NewTap(s.broker.Dial(), "auth.login.failed")
	done := make(chan error, 1)
	go func() { done <- tap.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	<-tap.Ready()
	reader := tap.Reader(100)
	defer reader.Close()

	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	err := pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.AUTH]) error {
		if _, err := tx.Exec(ctx, "LOCK TABLE outbox IN EXCLUSIVE MODE"); err != nil {
			return err
		}
		for range 3 {
			s.refused(passwordGrant("admin_nms", "a wrong password"), "invalid_grant")
			s.refused(passwordGrant("nobody", "a wrong password"), "invalid_grant")
		}
		return nil
	})
	require.NoError(t, err)
	attempts := map[string]int64{}
	for attempts["password"] < 3 || attempts["unknown"] < 3 {
		select {
		case e := <-reader.Events:
			var data struct {
				Login, Address, Reason string
				Attempts               int64
				Since                  time.Time
			}
			require.NoError(t, json.Unmarshal(e.Event.Data, &data))
			attempts[data.Reason] += data.Attempts
			require.Equal(t, map[string]string{"password": "admin_nms"}[data.Reason], data.Login)
			require.Equal(t, "127.0.0.1", data.Address)
			require.False(t, data.Since.IsZero())
		case <-time.After(patience):
			require.Fail(t, "refused logins were not told", "%v", attempts)
		}
	}
	require.Equal(t, map[string]int64{"password": 3, "unknown": 3}, attempts)
}

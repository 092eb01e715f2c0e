package app_test

import (
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
)

type version struct {
	Version    int        `json:"version"`
	ValidFrom  time.Time  `json:"valid_from"`
	ValidUntil *time.Time `json:"valid_until"`
	Op         string     `json:"op"`
	Actor      string     `json:"actor"`
	RequestID  string     `json:"request_id"`
	Item       struct {
		Name     string  `json:"name"`
		RoleID   *string `json:"role_id"`
		Access   int64   `json:"access"`
		Status   int     `json:"status"`
		Language *string `json:"language"`
	} `json:"item"`
}

func (s *stand) history(admin *servicetest.Client, id int64) []version {
	s.t.Helper()
	var page struct {
		Total   int
		Content []version
	}
	r := admin.Get(path("/users/%d/history?limit=1000", id)).Is(http.StatusOK).Into(&page)
	require.NotContains(s.t, string(r.Body), "$2a$")
	require.NotContains(s.t, string(r.Body), "hash")
	require.Len(s.t, page.Content, page.Total)
	return page.Content
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := setup(t)
	t.Run("under races", func(t *testing.T) {
		t.Parallel()
		historyUnderRaces(t, s.in(t))
	})
	t.Run("names each change", func(t *testing.T) {
		t.Parallel()
		historyOfEachChange(t, s.in(t))
	})
}

func historyUnderRaces(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	id := s.user(admin, "busy", s.role(admin, "none"))
	second := s.start()
	var group sync.WaitGroup
	for i := range 30 {
		one := admin
		if i%2 == 1 {
			one = admin.At(second)
		}
		group.Go(func() { one.Patch(path("/users/%d", id), map[string]any{"name": "name " + strconv.Itoa(i)}) })
	}
	group.Wait()
	versions := s.history(admin, id)

	t.Run("has neither gap nor overlap", func(t *testing.T) {
		t.Parallel()
		require.Len(t, versions, 31)
		for i, v := range versions {
			require.Equal(t, len(versions)-i, v.Version)
			require.Equal(t, "user:1", v.Actor)
			require.NotEmpty(t, v.RequestID)
			if i == 0 {
				require.Nil(t, v.ValidUntil)
				continue
			}
			require.Equal(t, versions[i-1].ValidFrom, *v.ValidUntil, "one ends where the next begins")
			require.True(t, v.ValidFrom.Before(*v.ValidUntil))
		}
	})
	at := func(moment time.Time) string {
		return path("/users/%d?at=%s", id, url.QueryEscape(moment.Format(time.RFC3339Nano)))
	}
	t.Run("is what was read at each moment", func(t *testing.T) {
		t.Parallel()
		for _, v := range versions {
			require.Equal(t, v.Item.Name, admin.For(t).Get(at(v.ValidFrom)).Is(http.StatusOK).Field("name"))
		}
	})
	t.Run("begins with the user", func(t *testing.T) {
		t.Parallel()
		admin := admin.For(t)
		admin.Get(at(versions[len(versions)-1].ValidFrom.Add(-time.Microsecond))).Refused(notFound, "query.at", "not_existing_then")
		admin.Get("/users/4711/history").Refused(notFound, "path.id", "not_found")
	})
}

func historyOfEachChange(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin()
	id := s.user(admin, "x", s.role(admin, "reader", "cfg:read"))
	one := path("/users/%d", id)
	admin.Patch(one, map[string]any{"dark_theme": true}).Is(http.StatusOK)
	for _, act := range []string{"/block", "/block", "/unblock"} {
		admin.Post(one+act, nil).Is(http.StatusNoContent)
	}
	admin.Post(one+"/password", map[string]any{"password": "another long password"}).Is(http.StatusNoContent)
	admin.Delete(one).Is(http.StatusNoContent)
	t.Run("and nothing where nothing changed: blocking the blocked", func(t *testing.T) {
		var ops []string
		for _, v := range s.in(t).history(admin.For(t), id) {
			ops = append(ops, v.Op)
		}
		require.Equal(t, []string{"archived", "updated", "unblocked", "blocked", "updated", "created"}, ops)
	})
	t.Run("and who had a role when, and what it allowed then, when the role is gone", func(t *testing.T) {
		admin := admin.For(t)
		admin.Delete("/roles/reader").Is(http.StatusNoContent)
		versions := s.in(t).history(admin, id)
		require.Nil(t, versions[0].Item.RoleID)
		require.Zero(t, versions[0].Item.Access)
		require.Equal(t, "reader", *versions[1].Item.RoleID)
		require.EqualValues(t, 1<<26, versions[1].Item.Access)
	})
}

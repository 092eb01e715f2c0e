package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
)

func TestEveryChangeAndLoginHasItsEvent(t *testing.T) {
	t.Parallel()
	s := setup(t)
	followed := s.broker.Follow("auth.#")

	begun := time.Now()
	tk := s.login("admin_nms", adminPassword)
	admin := s.as(tk.Access)
	s.refused(passwordGrant("admin_nms", "a wrong password"), "invalid_grant")
	s.refused(passwordGrant("my secret typed as login", "x"), "invalid_grant")
	s.role(admin, "r", "cfg:read")
	admin.Patch("/roles/r", map[string]any{"description": "d"}).Is(http.StatusOK)
	id := s.user(admin, "u", "r")
	user := s.login("u", userPassword)
	next := s.grant(refreshGrant(user.Refresh))
	s.grant(refreshGrant(next.Refresh))
	s.refused(refreshGrant(user.Refresh), "invalid_grant")
	out := s.login("u", userPassword)
	s.as(out.Access).Post("/logout", nil).Is(http.StatusNoContent)
	admin.Delete(path("/users/%d/sessions/%s", id, s.sessionOf(s.login("u", userPassword)))).Is(http.StatusNoContent)
	admin.Patch(path("/users/%d", id), map[string]any{"name": "n"}).Is(http.StatusOK)
	admin.Post(path("/users/%d/password", id), map[string]any{"password": "another long password"}).Is(http.StatusNoContent)
	admin.Post(path("/users/%d/block", id), nil).Is(http.StatusNoContent)
	admin.Post(path("/users/%d/unblock", id), nil).Is(http.StatusNoContent)
	admin.Post(path("/users/%d/logout-all", id), nil).Is(http.StatusNoContent)
	admin.Delete(path("/users/%d", id)).Is(http.StatusNoContent)
	admin.Delete("/roles/r").Is(http.StatusNoContent)
	key := admin.Post("/api-keys", newKey("k")).Is(http.StatusCreated)
	admin.Delete("/api-keys/" + key.Field("id").(string)).Is(http.StatusNoContent)
	admin.Post("/logout-all", nil).Is(http.StatusNoContent)
	for i := range 20 {
		s.as("").Post("/token", passwordGrant("flood", strings.Repeat("x", i+1)))
	}

	want := map[string]int{
		"auth.login.succeeded": 4, "auth.login.failed": 2, "auth.role.created": 1, "auth.role.updated": 1, "auth.role.deleted": 1,
		"auth.user.created": 1, "auth.user.updated": 1, "auth.user.password_changed": 1, "auth.user.blocked": 1,
		"auth.user.unblocked": 1, "auth.user.archived": 1, "auth.user.logged_out": 2, "auth.session.reused": 1,
		"auth.session.ended": 2, "auth.apikey.created": 1, "auth.apikey.deleted": 1, "auth.login.throttled": 1,
	}
	count := func(events []event.Event) map[string]int {
		got := map[string]int{}
		for _, e := range events {
			if e.Type != "auth.user.created" || e.Actor != "service:auth" {
				got[e.Type]++
			}
		}
		return got
	}
	events := followed.Await("all events", func(events []event.Event) bool {
		got := count(events)
		for name, n := range want {
			if got[name] < n {
				return false
			}
		}
		return true
	})
	took := time.Since(begun)
	secrets := []string{
		adminPassword, userPassword, "my secret typed as login", "$2a$", "hash", tk.Access, tk.Refresh, next.Refresh,
		key.Field("key").(string), "another long password",
	}
	t.Run("no event holds a secret", func(t *testing.T) {
		t.Parallel()
		for _, e := range events {
			text, err := json.Marshal(e)
			require.NoError(t, err)
			for _, secret := range secrets {
				require.NotContains(t, string(text), secret, e.Type)
			}
		}
	})
	t.Run("nor does the log", func(t *testing.T) {
		t.Parallel()
		for _, secret := range secrets {
			require.NotContains(t, s.Log(), secret)
		}
	})
	t.Run("each says who did it, and under which request", func(t *testing.T) {
		t.Parallel()
		for _, e := range events {
			if e.Actor == "service:auth" {
				continue
			}
			if e.Type != "auth.login.throttled" {
				require.NotEmpty(t, e.RequestID, e.Type)
			}
			require.Equal(t, map[string]string{"user:1": "admin_nms", path("user:%d", id): "u"}[e.Actor], e.ActorLogin, "%s by %q", e.Type, e.Actor)
		}
	})
	t.Run("refused logins from the same place are told together, once a minute", func(t *testing.T) {
		t.Parallel()
		require.LessOrEqual(t, count(events)["auth.login.failed"], want["auth.login.failed"]+int(took/time.Minute))
	})
}

// Nothing can be written into the outbox. A refused login is answered all the same, and told when it can be.
func TestARefusedLoginDoesNotWaitForTheJournal(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.admin()
	followed := s.broker.Follow("auth.login.failed")
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
	followed.Await("all refused logins", func(events []event.Event) bool {
		clear(attempts)
		for _, e := range events {
			var data struct {
				Login, Address, Reason string
				Attempts               int64
				Since                  time.Time
			}
			require.NoError(t, json.Unmarshal(e.Data, &data))
			attempts[data.Reason] += data.Attempts
			require.Equal(t, map[string]string{"password": "admin_nms"}[data.Reason], data.Login)
			require.Equal(t, "127.0.0.1", data.Address)
			require.False(t, data.Since.IsZero())
		}
		return attempts["password"] >= 3 && attempts["unknown"] >= 3
	})
	require.Equal(t, map[string]int64{"password": 3, "unknown": 3}, attempts)
}

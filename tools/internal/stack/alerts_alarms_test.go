//go:build workshop

package stack

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// alarmed is equipment with a limit, and a receiver of notifications whose answers the test chooses.
type alarmed struct {
	equipment, limit, receiver, route int64
	status                            atomic.Int64 // of the receiver's answers
	server                            *httptest.Server
	moments                           time.Time
}

// webhookSecret is a folder with the key of webhooks, which the services' user can read.
func webhookSecret(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{dir, filepath.Dir(dir)} {
		require.NoError(t, os.Chmod(folder, 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "webhook"), []byte("a key of a test"), 0o644))
	return dir
}

// begin makes it: one value beyond the limit raises a critical alarm, and the heart of its receiver beats each second.
func (a *alarmed) begin(p *prometheus, name string, status int64) {
	p.t.Helper()
	a.status.Store(status)
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(a.status.Load())) }))
	a.moments = time.Now().Add(-4 * time.Minute)
	a.equipment = p.made(http.MethodPost, "cfg", "equipments", fmt.Sprintf(`{"name":%q,"name_full":"Watched"}`, name))
	parameter := p.made(http.MethodPost, "cfg", "telemetry",
		fmt.Sprintf(`{"name":%q,"name_full":"Watched","description":"Watched","value_validator":{"type":"number"}}`, name))
	a.limit = p.made(http.MethodPost, "ctrl", "limits", fmt.Sprintf(
		`{"telemetry_id":%d,"equipment_id":%d,"name":%q,"levels":[{"severity":"critical","high":10}]}`, parameter, a.equipment, name))
	a.receiver = p.made(http.MethodPost, "ctrl", "receivers", fmt.Sprintf(
		`{"name":%q,"kind":"webhook","address":%q,"secret":"webhook","heartbeat":1}`, name, a.server.URL))
	a.route = p.made(http.MethodPost, "ctrl", "routes", fmt.Sprintf(`{"name":%q,"receivers":[%d],"below":%d,"group":0}`, name, a.receiver, a.equipment))
}

// values posts values of the parameter, one after the other.
func (a *alarmed) values(p *prometheus, name string, numbers ...int) {
	var lines strings.Builder
	for _, number := range numbers {
		a.moments = a.moments.Add(10 * time.Millisecond)
		fmt.Fprintf(&lines, `{"equipment_id":%d,"at":%q,"values":{%q:%d}}`+"\n", a.equipment, a.moments.Format(time.RFC3339Nano), name, number)
	}
	p.call(http.MethodPost, "ctrl", "/api/v1/ctrl/telemetry", "application/x-ndjson", []byte(lines.String()))
}

// end takes away what would go on: the receiver is removed behind its route, and the alarm cleared with its limit.
func (a *alarmed) end(p *prometheus) {
	for _, path := range []string{fmt.Sprint("routes/", a.route), fmt.Sprint("receivers/", a.receiver), fmt.Sprint("limits/", a.limit)} {
		require.Equal(p.t, http.StatusNoContent, p.call(http.MethodDelete, "ctrl", "/api/v1/ctrl/"+path, "", nil), path)
	}
	a.server.Close()
}

// untold raises a critical alarm again and again, of which a receiver takes nothing.
func untold() provocation {
	const name = "untold"
	var a alarmed
	return provocation{
		name: "a critical alarm comes and goes, nobody acknowledges it, and the receiver does not take what it is told",
		raises: map[string][]string{"NMSAlarmUnacknowledged": {"ctrl"}, "NMSAlarmFlood": {"ctrl"}, "NMSNotificationsWait": {"ctrl"},
			"NMSHeartbeatLate": {"ctrl"}},
		lasting: "NMSAlarmFlood",
		begin:   func(p *prometheus) { a.begin(p, name, http.StatusServiceUnavailable) },
		press: func(p *prometheus) {
			numbers := make([]int, 40)
			for i := range numbers {
				numbers[i] = 10 + i%2 // the last one is beyond the limit
			}
			a.values(p, name, numbers...)
			p.sql("nms", "UPDATE delivery SET created_at = clock_timestamp() - interval '3 minutes' WHERE state = 'waiting'")
		},
		end: a.end,
	}
}

// turnedDown is a receiver that says that it takes nothing, now or later.
func turnedDown() provocation {
	var a alarmed
	return provocation{
		name:   "a receiver refuses what it is told",
		raises: map[string][]string{"NMSNotificationsRefused": {"ctrl"}}, lasting: "NMSNotificationsRefused",
		begin: func(p *prometheus) { a.begin(p, "turneddown", http.StatusUnprocessableEntity) },
		end:   a.end,
	}
}

// unevaluated takes the slots of limits away from everybody, while values come.
func unevaluated() provocation {
	const name = "unevaluated"
	var a alarmed
	return provocation{
		name:   "nobody can take the slots by which limits are evaluated",
		raises: map[string][]string{"NMSLimitsLate": {"ctrl"}, "NMSLimitsUnheld": {"ctrl"}},
		begin: func(p *prometheus) {
			a.begin(p, name, http.StatusOK)
			p.sql("nms", `CREATE FUNCTION refuse_slots() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'provoked by a test'; END $$`,
				"CREATE TRIGGER refuse_slots BEFORE UPDATE ON limit_slot FOR EACH STATEMENT EXECUTE FUNCTION refuse_slots()")
		},
		press: func(p *prometheus) { a.values(p, name, 1) },
		end: func(p *prometheus) {
			p.sql("nms", "DROP FUNCTION refuse_slots CASCADE")
			a.end(p)
		},
	}
}

// crowded has more values wait than may, while the table of the newest values is locked.
func crowded() provocation {
	const values = 1000
	var equipment int64
	release := func() {}
	return provocation{
		name:   "the table of the newest values is locked, and the queue is full",
		raises: map[string][]string{"NMSValuesRefused": {"ctrl"}, "NMSValuesWait": {"ctrl"}}, lasting: "NMSValuesRefused",
		begin: func(p *prometheus) {
			equipment = p.made(http.MethodPost, "cfg", "equipments", `{"name":"Crowded","name_full":"Crowded"}`)
			p.sql("nms", fmt.Sprintf(`INSERT INTO telemetry (name, name_full, description, value_validator)
				SELECT 'crowded' || i, 'x', 'x', '{"type":"number"}' FROM generate_series(1, %d) i`, values))
			release = p.lock("dwh", "latest")
		},
		press: func(p *prometheus) {
			var body strings.Builder
			for i := range values {
				fmt.Fprintf(&body, `,"crowded%d":1`, i+1)
			}
			frame := fmt.Appendf(nil, `{"equipment_id":%d,"values":{%s}}`, equipment, body.String()[1:])
			p.waiting.Go(func() { p.call(http.MethodPost, "ctrl", "/api/v1/ctrl/telemetry", "application/json", frame) })
		},
		end: func(*prometheus) { release() },
	}
}

// late sends values of an hour ago.
func late() provocation {
	const name = "late"
	var a alarmed
	return provocation{
		name:   "values come an hour late",
		raises: map[string][]string{"NMSValuesLate": {"ctrl"}}, lasting: "NMSValuesLate",
		begin: func(p *prometheus) {
			a.begin(p, name, http.StatusOK)
			a.moments = time.Now().Add(-time.Hour)
		},
		press: func(p *prometheus) { a.values(p, name, 1, 2, 3, 4, 5) },
		end:   a.end,
	}
}

// agedKeys starts an instance that has the keys of auth from a copy alone, which is old.
func agedKeys() provocation {
	var published atomic.Bool
	var set string
	var auth *httptest.Server
	return provocation{
		name:   "an instance has old keys of auth, and cannot read them",
		raises: map[string][]string{"NMSKeysOld": {"cfg"}},
		begin: func(p *prometheus) {
			public, _, err := ed25519.GenerateKey(nil)
			require.NoError(p.t, err)
			x := base64.RawURLEncoding.EncodeToString(public)
			thumb := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
			set = fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":%q,"kid":%q,"use":"sig","alg":"EdDSA"}]}`,
				x, base64.RawURLEncoding.EncodeToString(thumb[:]))
			auth = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if !published.Load() {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				_, _ = w.Write([]byte(set))
			}))
			p.t.Cleanup(auth.Close) // the instance goes on
			dir, err := p.checkout.private("keys")
			require.NoError(p.t, err)
			file, aged := filepath.Join(dir, "jwks.json"), time.Now().Add(-time.Hour)
			require.NoError(p.t, p.checkout.write(file, set))
			require.NoError(p.t, os.Chtimes(file, aged, aged))
			_, err = p.StartSecond(p.ctx, "cfg", map[string]string{
				"JWT_JWKS_URL": auth.URL, "JWT_JWKS_COPY": file,
				"JWT_HS256_UNTIL": time.Now().Add(time.Hour).Format(time.RFC3339), // by which it takes what the real auth says
			})
			require.NoError(p.t, err)
			p.targets()
		},
		end: func(*prometheus) { published.Store(true) },
	}
}

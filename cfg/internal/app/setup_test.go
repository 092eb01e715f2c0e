package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"

	"nms.example/cfg/internal/app"
)

const signingKey = "a key for tests that is long enough, 32 bytes"

// bundle is a running cfg with its own database, vhost and Redis prefix, and a client that may do everything.
type bundle struct {
	t        *testing.T
	settings map[string]string
	instance *servicetest.Instance
	url      string // of the API, without a slash at the end
	token    string
	broker   *bustest.Broker
}

// setup starts cfg without start data.
func setup(t *testing.T) *bundle {
	t.Helper()
	return setupIn(t, "prod", nil)
}

func setupIn(t *testing.T, environment string, settings map[string]string) *bundle {
	t.Helper()
	b := &bundle{t: t, broker: bustest.New(t), token: token(t, authn.AllPermissions)}
	b.settings = map[string]string{
		"ENVIRONMENT":    environment,
		"DB_NMS_DSN":     pgtest.DSN[db.NMS](t).Reveal(),
		"MQ_DSN":         b.broker.DSN.Reveal(),
		"REDIS_DSN":      redistest.DSN(t).Reveal(),
		"REDIS_PREFIX":   redistest.Prefix(t),
		"JWT_SECRET_KEY": signingKey,
		"DB_MAX_CONNS":   "8",
	}
	maps.Copy(b.settings, settings)
	b.instance = servicetest.Start(t, app.Identity, app.Build, b.settings)
	b.url = b.instance.URL + "/api/v1/cfg"
	return b
}

// another starts a second instance of the same system and returns a client of it.
func (b *bundle) another() *bundle {
	b.t.Helper()
	other := *b
	other.instance = servicetest.Start(b.t, app.Identity, app.Build, b.settings)
	other.url = other.instance.URL + "/api/v1/cfg"
	return &other
}

func token(tb testing.TB, access authn.Mask) string {
	tb.Helper()
	var secret config.Secret
	require.NoError(tb, secret.Decode(signingKey))
	keyring, err := authn.NewKeyring(authn.Settings{SecretKey: secret, Issuer: "nms-auth", Audience: "nms"})
	require.NoError(tb, err)
	signed, _, err := keyring.Sign(authn.Claims{UserID: 1, Login: "admin_nms", Role: "administrator", Access: access, SessionID: uuid.New()})
	require.NoError(tb, err)
	return signed
}

var client = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// call sends a request; body may be nil, a string of JSON, or a value. headers are "Name: value".
func (b *bundle) call(method, path string, body any, headers ...string) *answer {
	b.t.Helper()
	var reader io.Reader = http.NoBody
	switch v := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(v)
	default:
		raw, err := json.Marshal(v)
		require.NoError(b.t, err)
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, reader)
	require.NoError(b.t, err)
	req.Header.Set("Authorization", "Bearer "+b.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	require.NoError(b.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return &answer{t: b.t, status: resp.StatusCode, header: resp.Header, body: raw}
}

func (b *bundle) get(path string, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodGet, path, nil, headers...)
}

func (b *bundle) post(path string, body any) *answer {
	b.t.Helper()
	return b.call(http.MethodPost, path, body)
}

func (b *bundle) patch(path string, body any, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodPatch, path, body, headers...)
}

func (b *bundle) delete(path string, headers ...string) *answer {
	b.t.Helper()
	return b.call(http.MethodDelete, path, nil, headers...)
}

// is checks the status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

// into decodes the body.
func (a *answer) into(v any) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.body, v), "%s", a.body)
}

// id returns the body's id.
func (a *answer) id() int64 {
	a.t.Helper()
	var item struct{ ID int64 }
	a.into(&item)
	require.Positive(a.t, item.ID)
	return item.ID
}

// refused checks the status and that one reason stands at the place.
func (a *answer) refused(status int, place string) *answer {
	a.t.Helper()
	a.is(status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	var p api.Problem
	a.into(&p)
	require.NotEmpty(a.t, p.RequestID)
	places := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		places[i] = e.Location
	}
	require.Contains(a.t, places, place, "%s", a.body)
	return a
}

// node makes a piece of equipment and returns its id; parent 0 is none.
func (b *bundle) node(name string, parent int64) int64 {
	b.t.Helper()
	body := map[string]any{"name": name, "name_full": "full " + name}
	if parent != 0 {
		body["parent_id"] = parent
	}
	return b.post("/equipments", body).is(http.StatusCreated).id()
}

func (b *bundle) section(name string, parent int64) int64 {
	b.t.Helper()
	body := map[string]any{"name": name}
	if parent != 0 {
		body["parent_id"] = parent
	}
	return b.post("/commands-toc", body).is(http.StatusCreated).id()
}

func (b *bundle) command(name string, equipment, section int64, undo any) int64 {
	b.t.Helper()
	return b.post("/commands", map[string]any{
		"equipment_id": equipment, "toc_id": section, "name": name, "name_full": "full " + name,
		"description": "about " + name, "undo_cmd_id": undo,
	}).is(http.StatusCreated).id()
}

// tree is a node of a tree's answer.
type treeNode struct {
	ID             int64      `json:"id"`
	ParentID       *int64     `json:"parent_id"`
	ParentPath     string     `json:"parent_path"`
	ParentPathName string     `json:"parent_path_name"`
	Name           string     `json:"name"`
	NameFull       string     `json:"name_full"`
	ArchivedAt     *time.Time `json:"archived_at"`
	Children       int64      `json:"children"`
	Content        []treeNode `json:"content"`
}

func (b *bundle) tree(path string) []treeNode {
	b.t.Helper()
	var nodes []treeNode
	b.get(path).is(http.StatusOK).into(&nodes)
	return nodes
}

func names(nodes []treeNode) []string {
	list := []string{}
	for _, n := range nodes {
		list = append(list, n.Name)
	}
	return list
}

// must sends a request outside of a test's bundle and expects success.
func (b *bundle) must(tb testing.TB, method, path, body string) []byte {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, b.url+path, strings.NewReader(body))
	require.NoError(tb, err)
	req.Header.Set("Authorization", "Bearer "+b.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	require.NoError(tb, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(tb, err)
	require.Less(tb, resp.StatusCode, 300, "%s", answer)
	return answer
}

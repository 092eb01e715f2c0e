package app_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"

	"nms.example/cfg/internal/app"
)

const (
	signingKey = "a key for tests that is long enough, 32 bytes"

	badRequest    = http.StatusBadRequest
	conflict      = http.StatusConflict
	unprocessable = http.StatusUnprocessableEntity
)

// bundle is a running cfg with its own database, vhost and Redis prefix, and a client that may do everything.
type bundle struct {
	*servicetest.Client

	t        *testing.T
	settings map[string]string
	instance *servicetest.Instance
	broker   *bustest.Broker
}

// setup starts cfg without start data.
func setup(t *testing.T) *bundle {
	t.Helper()
	return setupIn(t, "prod", nil)
}

func setupIn(t *testing.T, environment string, settings map[string]string) *bundle {
	t.Helper()
	b := &bundle{t: t, broker: bustest.New(t)}
	b.settings = map[string]string{
		"ENVIRONMENT":    environment,
		"DB_NMS_DSN":     pgtest.DSN[db.NMS](t).Reveal(),
		"MQ_DSN":         b.broker.DSN.Reveal(),
		"REDIS_DSN":      redistest.DSN(t).Reveal(),
		"REDIS_PREFIX":   redistest.Prefix(t),
		"JWT_SECRET_KEY": signingKey,
	}
	maps.Copy(b.settings, settings)
	b.instance = servicetest.Start(t, app.Identity, app.Build, b.settings)
	b.Client = b.instance.Client(t).As(token(t, authn.AllPermissions))
	return b
}

// in is the same service for a subtest.
func (b *bundle) in(t *testing.T) *bundle {
	t.Helper()
	other := *b
	other.t, other.Client = t, b.For(t)
	return &other
}

// another starts a second instance of the same system and returns a client of it.
func (b *bundle) another() *bundle {
	b.t.Helper()
	other := *b
	other.instance = servicetest.Start(b.t, app.Identity, app.Build, b.settings)
	other.Client = b.At(other.instance)
	return &other
}

func token(tb testing.TB, access authn.Mask) string {
	tb.Helper()
	claims := authntest.Claims(access)
	claims.UserID, claims.Login, claims.Role = 1, "admin_nms", "administrator"
	return authntest.WithSecret(tb, signingKey).Sign(tb, claims)
}

// connect opens a connection to the database.
func (b *bundle) connect() *pgx.Conn {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.settings["DB_NMS_DSN"])
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(b.t.Context())) })
	return conn
}

// of is the path of an item of a list.
func of(list string, id int64) string { return fmt.Sprintf("%s/%d", list, id) }

// refuses expects each GET to be refused with 422 at a place for a reason, both as "query.id below_minimum".
func (b *bundle) refuses(reasons map[string]string) {
	b.t.Helper()
	for path, reason := range reasons {
		place, code, _ := strings.Cut(reason, " ")
		b.Get(path).Refused(unprocessable, place, code)
	}
}

// node makes a piece of equipment and returns its id; parent 0 is none.
func (b *bundle) node(name string, parent int64) int64 {
	b.t.Helper()
	body := map[string]any{"name": name, "name_full": "full " + name}
	if parent != 0 {
		body["parent_id"] = parent
	}
	return b.Post("/equipments", body).Is(http.StatusCreated).ID()
}

func (b *bundle) section(name string, parent int64) int64 {
	b.t.Helper()
	body := map[string]any{"name": name}
	if parent != 0 {
		body["parent_id"] = parent
	}
	return b.Post("/commands-toc", body).Is(http.StatusCreated).ID()
}

func (b *bundle) command(name string, equipment, section int64, undo any) int64 {
	b.t.Helper()
	return b.Post("/commands", map[string]any{
		"equipment_id": equipment, "toc_id": section, "name": name, "name_full": "full " + name,
		"description": "about " + name, "undo_cmd_id": undo,
	}).Is(http.StatusCreated).ID()
}

// parameter posts a parameter of telemetry.
func (b *bundle) parameter(name, validator string) *servicetest.Answer {
	b.t.Helper()
	return b.Post("/telemetry", fmt.Sprintf(`{"name":%q,"name_full":"full","description":"d","value_validator":%s}`, name, validator))
}

// csv imports a table.
func (b *bundle) csv(catalogue, text string) *servicetest.Answer {
	b.t.Helper()
	return b.Post("/import?catalogue="+catalogue, text, "Content-Type: text/csv")
}

// treeNode is a node of a tree's answer.
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
	b.Get(path).Is(http.StatusOK).Into(&nodes)
	return nodes
}

// at reads one node of a tree.
func (b *bundle) at(path string) (node treeNode) {
	b.t.Helper()
	b.Get(path).Is(http.StatusOK).Into(&node)
	return node
}

func names(nodes []treeNode) []string {
	list := []string{}
	for _, n := range nodes {
		list = append(list, n.Name)
	}
	return list
}

// page is a page of a list.
type page struct {
	Page, Limit, Total int
	Params             map[string]any
	Content            []map[string]any
	Next               string
}

func (b *bundle) page(path string) (p page) {
	b.t.Helper()
	b.Get(path).Is(http.StatusOK).Into(&p)
	return p
}

func (p page) names() []string {
	list := []string{}
	for _, item := range p.Content {
		list = append(list, fmt.Sprint(item["name"]))
	}
	return list
}

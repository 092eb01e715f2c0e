package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/fault"
)

type patchBody struct {
	Name     api.Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"5"`
	ParentID api.NullablePatch[int64]  `json:"parent_id,omitzero" minimum:"1"`
	Note     api.NullablePatch[string] `json:"note,omitzero"`
	Place    api.Patch[place]          `json:"place,omitzero"`
}

// registerPatch adds PATCH /api/v1/x, which tells what the patch makes of "old" and 7.
func registerPatch(a *api.API) {
	type input struct{ Body patchBody }
	type output struct{ Body string }
	api.Register(a, huma.Operation{Method: http.MethodPatch, Path: "/api/v1/x"}, api.Public,
		func(_ context.Context, in *input) (*output, error) {
			old := int64(7)
			text := in.Body.Name.Or("old") + ","
			if id := in.Body.ParentID.Or(&old); id != nil {
				return &output{Body: text + strconv.FormatInt(*id, 10)}, nil
			}
			return &output{Body: text + "root"}, nil
		})
}

func TestMergePatch(t *testing.T) {
	t.Parallel()
	b := setup(t, registerPatch)
	for body, want := range map[string]string{
		`{}`:                 "old,7",
		`{"name":"a"}`:       "a,7",
		`{"parent_id":null}`: "old,root",
		`{"parent_id":3}`:    "old,3",
		`{"name":"b","parent_id":null,"note":null,"place":{"lat":1,"lng":2}}`: "b,root",
	} {
		a := b.do("PATCH", "/api/v1/x", bytesReader(body), "Content-Type", "application/merge-patch+json")
		require.Equal(t, 200, a.StatusCode, "%s", a.body)
		require.JSONEq(t, `"`+want+`"`, string(a.body), body)
	}
	for body, location := range map[string]string{
		`{"name":null}`:                 "body.name",
		`{"name":""}`:                   "body.name",
		`{"name":"too long"}`:           "body.name",
		`{"name":5}`:                    "body.name",
		`{"parent_id":0}`:               "body.parent_id",
		`{"parent_id":"1"}`:             "body.parent_id",
		`{"place":null}`:                "body.place",
		`{"place":{"lat":100,"lng":1}}`: "body.place.lat",
		`{"other":1}`:                   "body.other",
	} {
		p := b.problem(b.do("PATCH", "/api/v1/x", bytesReader(body)), 422)
		require.NotEmpty(t, at(p, location), "%s: %v", body, p.Errors)
	}
	schema := b.api.Huma().OpenAPI().Components.Schemas.Map()["PatchBody"]
	text, err := json.Marshal(schema)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"object","additionalProperties":false,"properties":{
		"name":{"type":"string","minLength":1,"maxLength":5},
		"note":{"type":["string","null"]},
		"parent_id":{"type":["integer","null"],"format":"int64","minimum":1},
		"place":{"$ref":"#/components/schemas/Place"}}}`, string(text))
}

func TestPatchValues(t *testing.T) {
	t.Parallel()
	require.Equal(t, "x", api.Patch[string]{Value: "x", Set: true}.Or("y"))
	require.Nil(t, api.Patch[int]{}.Ptr())
	require.Nil(t, api.NullablePatch[int]{Set: true, Null: true}.Or(new(int)))
	data, err := json.Marshal(struct {
		A api.Patch[int]         `json:"a,omitzero"`
		B api.NullablePatch[int] `json:"b,omitzero"`
		C api.NullablePatch[int] `json:"c,omitzero"`
	}{B: api.NullablePatch[int]{Set: true, Null: true}, C: api.NullablePatch[int]{Set: true}})
	require.NoError(t, err)
	require.JSONEq(t, `{"b":null,"c":0}`, string(data))
}

type listInput struct {
	api.PageInput
	Limit int                    `query:"limit" default:"1500" minimum:"1" maximum:"5000"`
	Name  api.Optional[string]   `query:"name" maxLength:"20"`
	TocID api.Optional[int64]    `query:"toc-id" minimum:"1"`
	IDs   api.Optional[[]string] `query:"ids"`
}

type listParams struct {
	Name  *string `json:"name,omitempty"`
	TocID *int64  `json:"toc-id,omitempty"`
}

type place2 struct{ After int64 }

func TestPages(t *testing.T) {
	t.Parallel()
	type output struct {
		Body api.Page[string, listParams]
	}
	b := setup(t, func(a *api.API) {
		list := func(path string) {
			api.Register(a, huma.Operation{Method: http.MethodGet, Path: path}, api.Public,
				func(ctx context.Context, in *listInput) (*output, error) {
					params := listParams{Name: in.Name.Ptr(), TocID: in.TocID.Ptr()}
					after, skip, err := api.Follow[place2](ctx, in.PageInput, in.Limit, params)
					if err != nil {
						return nil, err
					}
					if after != nil {
						require.EqualValues(t, 1, after.After)
					}
					var found []int64
					if in.Limit == 1 {
						found = []int64{1, 2}
					}
					return &output{api.Paged(ctx, in.PageInput, in.Limit, skip, params, found, func(n *int64) string { return strconv.FormatInt(*n, 10) },
						func(n *int64) place2 { return place2{After: *n} })}, nil
				})
		}
		list("/api/v1/list")
		list("/api/v1/other")
	})
	require.JSONEq(t, `{"page":1,"limit":1500,"total":0,"params":{},"content":[]}`, string(b.get("/api/v1/list").body))
	require.JSONEq(t, `{"page":3,"limit":10,"total":20,"params":{"name":"105","toc-id":105},"content":[]}`,
		string(b.get("/api/v1/list/?page=3&limit=10&name=105&toc-id=105&_=x").body))
	for query, location := range map[string]string{
		"page=0": "query.page", "page=-1": "query.page", "page=x": "query.page", "page=99999999999999999999": "query.page",
		"page=1000000001": "query.page", "limit=0": "query.limit", "limit=5001": "query.limit", "limit=": "",
		"toc-id=0": "query.toc-id", "toc-id=9223372036854775808": "query.toc-id", "name=" + url.QueryEscape("ж ждём ждём ждём ждём"): "query.name",
		"cursor=rubbish": "query.cursor",
	} {
		a := b.get("/api/v1/list?" + query)
		if location == "" {
			require.Equal(t, 200, a.StatusCode, query)
			continue
		}
		require.NotEmpty(t, at(b.problem(a, 422), location), query)
	}
	t.Run("a page beside a cursor would count for nothing, and is refused", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{"page=7&cursor=x", "cursor=x&page=1", "cursor=x&p%61ge=1", "limit=1&name=x&page=2&cursor=x"} {
			require.NotEmpty(t, at(b.problem(b.get("/api/v1/list?"+query), 422), "query.page"), query)
		}
		require.Equal(t, 200, b.get("/api/v1/list?page=7&cursor=").StatusCode, "no cursor")
	})
	t.Run("a cursor leads on in its own list with its own filters only", func(t *testing.T) {
		t.Parallel()
		var first api.Page[string, listParams]
		require.NoError(t, json.Unmarshal(b.get("/api/v1/list?limit=1&name=x").body, &first))
		require.NotEmpty(t, first.Next)
		for _, query := range []string{"&name=x", "&name=x&limit=1", "&name=%78", "&_=1&name=x"} {
			require.Equal(t, 200, b.get("/api/v1/list?cursor="+first.Next+query).StatusCode, query)
		}
		for _, path := range []string{"list?cursor=" + first.Next, "list?name=y&cursor=" + first.Next, "list?name=x&toc-id=1&cursor=" + first.Next, "other?name=x&cursor=" + first.Next} {
			require.NotEmpty(t, at(b.problem(b.get("/api/v1/"+path), 422), "query.cursor"), path)
		}
	})
}

func TestParametersThatAreNotKnownAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/list"}, api.Public,
			func(context.Context, *listInput) (*struct{}, error) { return nil, nil }) //nolint:nilnil // 204
		registerThings(a)
	})
	for query, locations := range map[string][]string{
		"nam=x":                    {"query.nam"},
		"Name=x":                   {"query.Name"},
		"nam%65=x&n%61m=x":         {"query.nam"},
		"%6eam=x":                  {"query.nam"},
		"limit":                    {},
		"zz=1&toc_id=1&limit=1":    {"query.toc_id", "query.zz"},
		"limit=1&limit=2":          {"query.limit"},
		"limit=1&l%69mit=1":        {"query.limit"},
		"ids=1&ids=2":              {"query.ids"},
		"=x":                       {"query"},
		"ids[]=1":                  {"query.ids[]"},
		"na+me=1":                  {"query.na me"},
		"":                         {},
		"&&":                       {},
		"_=1&__proto__=2&%5fx=1":   {},
		"ids=1,2&page=1&limit=10&": {},
	} {
		a := b.get("/api/v1/list?" + query)
		if len(locations) == 0 {
			require.Less(t, a.StatusCode, 300, query)
			continue
		}
		p := b.problem(a, 422)
		got := []string{}
		for _, e := range p.Errors {
			got = append(got, e.Location)
		}
		require.Equal(t, locations, got, query)
	}
	p := b.problem(b.get("/api/v1/list?nam=x"), 422)
	require.Equal(t, "is unknown; this call knows cursor, ids, limit, name, page, toc-id", at(p, "query.nam"))
	p = b.problem(b.get("/api/v1/things/1?nam=x"), 422)
	require.Equal(t, "is unknown; this call takes no query parameters", at(p, "query.nam"))
	require.Equal(t, 422, b.post("/api/v1/things?dry_run=true", goodThing).StatusCode)
}

func TestCursors(t *testing.T) {
	t.Parallel()
	list := api.ListOf(t.Context(), listParams{})
	good := list.EncodeCursor(place2{After: 42})
	var at place2
	require.NoError(t, list.DecodeCursor(good, &at))
	require.EqualValues(t, 42, at.After)
	require.Equal(t, good, url.QueryEscape(good), "needs no escaping")
	bad := []string{"", "A", "====", good + "A", good[1:], good[:len(good)-1], "B" + good[1:], list.EncodeCursor("other"), list.EncodeCursor(map[string]int{"Other": 1})}
	for i := range good {
		changed := []byte(good)
		changed[i] ^= 1
		bad = append(bad, string(changed))
	}
	for _, cursor := range bad {
		err := list.DecodeCursor(cursor, &at)
		require.Equal(t, fault.Invalid, fault.KindOf(err), cursor)
		require.Equal(t, fault.Request("query.cursor"), fault.As(err).Details[0].Place())
	}
}

func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		registerThings(a)
		registerLines(a)
	}, func(o *api.Options) { o.TokenURL = "http://127.0.0.1:4000/api/v1/auth/token" })
	for _, path := range []string{"/openapi.json", "/openapi.json/"} {
		a := b.get(path)
		require.Equal(t, 200, a.StatusCode)
		require.Equal(t, "application/json", a.Header.Get("Content-Type"))
		var doc struct {
			OpenAPI    string `json:"openapi"`
			Paths      map[string]map[string]json.RawMessage
			Components struct {
				SecuritySchemes map[string]json.RawMessage
				Schemas         map[string]json.RawMessage
			}
		}
		require.NoError(t, json.Unmarshal(a.body, &doc))
		require.Equal(t, "3.1.0", doc.OpenAPI)
		require.Contains(t, string(doc.Components.SecuritySchemes["OAuth2"]), `"tokenUrl":"http://127.0.0.1:4000/api/v1/auth/token"`)
		require.Contains(t, string(doc.Components.SecuritySchemes["apiKey"]), `"X-API-Key"`)
		require.Contains(t, string(doc.Components.SecuritySchemes["bearer"]), `"bearer"`)
		require.Contains(t, doc.Components.Schemas, "Problem")
		require.NotContains(t, string(a.body), "$schema")
		require.Contains(t, string(doc.Paths["/api/v1/lines"]["post"]), "application/x-ndjson")
		require.Contains(t, string(doc.Paths["/api/v1/things"]["post"]), `"application/problem+json"`)
		require.Equal(t, 304, b.get(path, "If-None-Match", a.Header.Get("ETag")).StatusCode)
	}
	b.problem(b.get("/docs"), 404)
}

func TestDocsAreServedLocallyInDev(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings, func(o *api.Options) {
		o.Dev = true
		o.Title = "a <b>"
		o.TokenURL = "http://127.0.0.1:4000/api/v1/auth/token"
	})
	for _, path := range []string{"/docs", "/docs/"} {
		a := b.get(path)
		require.Equal(t, 200, a.StatusCode)
		require.Contains(t, string(a.body), "a &lt;b&gt;")
		require.NotContains(t, string(a.body), "//", "nothing from elsewhere")
		policy := a.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "connect-src 'self' http://127.0.0.1:4000")
		require.Contains(t, policy, "script-src 'self';")
	}
	for path, contentType := range map[string]string{
		"swagger-ui.css": "text/css; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
		"start.js": "text/javascript; charset=utf-8", "favicon-32x32.png": "image/png",
	} {
		plain := b.get("/docs/assets/" + path)
		require.Equal(t, 200, plain.StatusCode)
		require.Equal(t, contentType, plain.Header.Get("Content-Type"))
		require.NotEmpty(t, plain.body)
		packed := b.get("/docs/assets/"+path, "Accept-Encoding", "gzip")
		if len(plain.body) > 50<<10 {
			require.Equal(t, plain.body, gunzipped(t, packed.body))
		} else {
			require.Equal(t, plain.body, packed.body)
		}
	}
	b.problem(b.get("/docs/assets/../../etc/passwd"), 404)
}

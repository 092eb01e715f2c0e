package servicetest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sound is a document without a fault: a list, an item's sub-resource, and an action.
const sound = `{
  "paths": {
    "/ctrl": {"get": {"operationId": "cfg-service-ctrl", "tags": ["service"], "summary": "Time and health"}},
    "/api/v1/cfg/commands": {"get": {
      "operationId": "cfg-commands-list", "tags": ["commands"], "summary": "Commands",
      "parameters": [
        {"name": "page", "in": "query", "description": "Number of the page"},
        {"name": "cursor", "in": "query", "description": "Where to go on"},
        {"name": "limit", "in": "query", "description": "Most items"},
        {"name": "toc-id", "in": "query", "description": "The section"}],
      "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}}},
    "/api/v1/cfg/commands/{id}/history": {"get": {
      "operationId": "cfg-commands-history", "tags": ["commands"], "summary": "Every version"}},
    "/api/v1/cfg/commands:batch": {"post": {
      "operationId": "cfg-commands-batch", "tags": ["commands"], "summary": "Many changes"}},
    "/api/v1/cfg/commands/{id}/notes/{number}": {"delete": {
      "operationId": "cfg-commands-notes-delete", "tags": ["commands"], "summary": "Forget a note"}},
    "/api/v1/cfg/import": {"post": {
      "operationId": "cfg-catalogues-import", "tags": ["catalogues"], "summary": "Take a document over"}}
  },
  "components": {"schemas": {
    "Page": {"properties": {
      "page": {"description": "Its number"}, "limit": {"description": "Most items"}, "total": {"description": "All items"},
      "content": {"description": "The items"}, "next": {"description": "The next page"},
      "params": {"$ref": "#/components/schemas/CommandParams"}}},
    "CommandParams": {"properties": {"toc-id": {}}}
  }}
}`

func TestDialect(t *testing.T) {
	t.Parallel()
	faults := func(t *testing.T, document string) []string {
		t.Helper()
		d := dialect{service: "cfg"}
		require.NoError(t, json.Unmarshal([]byte(document), &d.document))
		return d.check()
	}
	t.Run("a document that keeps to it", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, faults(t, sound))
	})
	for name, c := range map[string]struct{ from, to, fault string }{
		"an id of another form":      {`"cfg-commands-list"`, `"list-commands"`, "is called \"list-commands\", not cfg-commands-list"},
		"another verb":               {`"cfg-commands-history"`, `"cfg-commands-versions"`, "not cfg-commands-history"},
		"another service":            {`"cfg-service-ctrl"`, `"get-ctrl"`, "not cfg-service-ctrl"},
		"a tag that is no resource":  {`"tags": ["commands"], "summary": "Every version"`, `"tags": ["lists"], "summary": "Every version"`, "is tagged \"lists\""},
		"two tags":                   {`["catalogues"]`, `["catalogues", "transfer"]`, "one is needed"},
		"no summary":                 {`"summary": "Every version"`, `"summary": ""`, "the summary is missing"},
		"a summary with a full stop": {`"Every version"`, `"Every version."`, "no full stop"},
		"a parameter untold":         {`"description": "The section"`, `"description": ""`, "the parameter toc-id is missing"},
		"a property untold":          {`"total": {"description": "All items"}`, `"total": {}`, "Page.total is missing"},
		"a page without a number":    {`"page", "in"`, `"after", "in"`, "takes no page"},
		"a page of another shape":    {`"limit": {"description": "Most items"}, `, ``, "the page has"},
		"a name that is not allowed": {`"CommandParams": {`, `"Params {}": {`, "a name that OpenAPI does not allow"},
		"params that are no filters": {`{"toc-id": {}}`, `{"section": {}}`, "params has section"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, sound, c.from)
			require.Contains(t, strings.Join(faults(t, strings.Replace(sound, c.from, c.to, 1)), "\n"), c.fault)
		})
	}
}

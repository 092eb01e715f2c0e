package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
)

type momentInput struct {
	From api.Optional[time.Time] `query:"from"`
	Name api.Optional[string]    `query:"name"`
}

type momentOutput struct {
	Body struct {
		From *time.Time `json:"from"`
		Name *string    `json:"name"`
	}
}

func TestMomentsInQueries(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/moments"}, api.Public,
			func(_ context.Context, in *momentInput) (*momentOutput, error) {
				out := &momentOutput{}
				out.Body.From, out.Body.Name = in.From.Ptr(), in.Name.Ptr()
				return out, nil
			})
	})
	for query, want := range map[string]string{
		"from=2026-11-30t12:00:00z&name=tz": `{"from":"2026-11-30T12:00:00Z","name":"tz"}`,
		"from=2026-11-30T12:00:00.5Z":       `{"from":"2026-11-30T12:00:00.5Z","name":null}`,
		"from=2026-11-30t12:00:00%2b02:00":  `{"from":"2026-11-30T12:00:00+02:00","name":null}`,
		"name=2026-11-30t12:00:00z":         `{"from":null,"name":"2026-11-30t12:00:00z"}`,
	} {
		a := b.get("/api/v1/moments?" + query)
		require.Equal(t, http.StatusOK, a.StatusCode, query)
		require.JSONEq(t, want, string(a.body), query)
	}
	for text, code := range map[string]string{
		"2026-11-30T12:00:00": "offset_required", "2026-11-30t12:00:00.25": "offset_required", "2026-11-30": "bad_format", "yesterday": "bad_format",
		"2026-13-30T12:00:00": "bad_format",
	} {
		p := b.problem(b.get("/api/v1/moments?from="+text), 422)
		require.Equal(t, "query.from", p.Errors[0].Location, text)
		require.Equal(t, code, string(p.Errors[0].Code), text)
	}
}

package request_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/request"
)

func TestValidID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"7f3a-01":                true,
		"a.b:c_D":                true,
		strings.Repeat("a", 64):  true,
		strings.Repeat("a", 65):  false,
		"":                       false,
		"new\nline":              false,
		"кириллица":              false,
		"quote'":                 false,
		"00-4bf92f3577b34da6-01": true,
	} {
		require.Equal(t, want, request.ValidID(id), "%q", id)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	ctx := request.WithActor(request.WithID(t.Context(), "r1"), "user:1")
	require.Equal(t, "r1", request.ID(ctx))
	require.Equal(t, "user:1", request.Actor(ctx))
	require.Empty(t, request.ID(t.Context()))
}

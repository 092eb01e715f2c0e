package api

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/cache"
)

// A type that the cache's namespace does not know could change without the namespace.
func TestNothingIsStoredWhoseFormIsNotInTheNamespace(t *testing.T) {
	t.Parallel()
	type other struct{ Name string }
	store := cache.NewStore(nil, nil, cache.StoreOptions{})
	_, err := stored[other](t.Context(), store, "other", nil, api.Conditional{}, func(context.Context) (any, error) {
		require.Fail(t, "it must not be filled")
		return nil, nil //nolint:nilnil // never reached
	})
	require.ErrorContains(t, err, "is missing from cachedForms")
}

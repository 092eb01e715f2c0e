package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNegotiate(t *testing.T) {
	t.Parallel()
	offered := []representation{{"json", "application/json"}, {"png", "image/png"}, {"svg", "image/svg+xml"}}
	for accept, want := range map[string]string{
		"": "json", "*/*": "json", "image/png": "png", "image/*": "png", "text/html": "json", "image/svg+xml;q=0.9,image/png;q=0.8": "svg",
		"application/json;q=0.1, image/png": "png", "text/html,image/avif,image/webp,image/svg+xml,*/*;q=0.8": "svg",
		"image/png;q=0": "json", "image/png;q=x": "json", ";;;": "json", "*/*;q=0.5, image/*": "png",
	} {
		require.Equal(t, want, negotiate(accept, "", offered).name, accept)
	}
	require.Equal(t, "svg", negotiate("image/png", "svg", offered).name)
}

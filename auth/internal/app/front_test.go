package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
)

// jwksPath is where auth publishes its keys.
const jwksPath = "/.well-known/jwks.json"

// front is one address before instances that come and go, which take the requests in turn. While there is none it
// answers 502.
type front struct {
	t    *testing.T
	url  string
	to   atomic.Pointer[[]*url.URL]
	turn atomic.Uint64
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{t: t}
	f.lead()
	transport := &http.Transport{DisableKeepAlives: true} // an instance that has stopped is met at once
	server := httptest.NewServer(&httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			if to := *f.to.Load(); len(to) > 0 {
				r.SetURL(to[f.turn.Add(1)%uint64(len(to))])
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// lead has the instances take what comes from now on.
func (f *front) lead(instances ...*servicetest.Instance) {
	f.t.Helper()
	to := make([]*url.URL, len(instances))
	for i, instance := range instances {
		u, err := url.Parse(instance.URL)
		require.NoError(f.t, err)
		to[i] = u
	}
	f.to.Store(&to)
}

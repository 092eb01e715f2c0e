package api

import (
	"net/http"

	"nms.example/common/api/internal/wire"
)

// Site is what a service serves beside its operations: pages, their files, calls that it hands on to other services.
// It sees every request before the operations do.
type Site interface {
	// Route names what answers the request, for the log and the metrics: a pattern such as "/ui/{file}", one of a few.
	// Empty leaves the request to the operations.
	Route(r *http.Request) string
	// ServeHTTP answers a request that Route has named. It may panic with http.ErrAbortHandler, as any handler.
	ServeHTTP(w http.ResponseWriter, r *http.Request)
}

// SetSite adds a site; call it before serving.
func (a *API) SetSite(site Site) { a.site = site }

// serveSite reports whether the request was the site's.
func (a *API) serveSite(w http.ResponseWriter, r *http.Request, c *call) bool {
	if a.site == nil {
		return false
	}
	pattern := a.site.Route(r)
	if pattern == "" {
		return false
	}
	c.route = &route{pattern: pattern, access: Public}
	a.site.ServeHTTP(w, r)
	return true
}

// WriteReady answers a request of a site with a body that exists plain and compressed, under the rule of every answer:
// over 50 KiB, a client that accepts it gets the compressed one. compressed may be nil. An error means that the client is gone.
func WriteReady(w http.ResponseWriter, plain, compressed []byte) error {
	if rw, ok := w.(*wire.Writer); ok {
		return rw.WriteReady(plain, compressed)
	}
	_, err := w.Write(plain)
	return err
}

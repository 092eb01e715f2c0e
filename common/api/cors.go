package api

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// What pages of other origins may send and see. X-Requested-With is sent by swagger-ui when it fetches
// a token.
const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsHeaders = "Accept, Accept-Language, Authorization, Content-Encoding, Content-Language, Content-Type, " +
		"If-Match, If-None-Match, Last-Event-ID, Traceparent, X-API-Key, X-Request-ID, X-Requested-With"
	corsExposed = "Allow, Content-Disposition, ETag, Link, Location, Retry-After, WWW-Authenticate, X-Request-ID"
	corsMaxAge  = "600" // seconds
)

// corsPolicy says which origins' pages may call.
type corsPolicy struct {
	origins  []string // lower case, without a trailing slash
	any      bool
	loopback bool
}

func newCORSPolicy(origins []string, loopback bool) *corsPolicy {
	p := &corsPolicy{loopback: loopback}
	for _, origin := range origins {
		origin = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(origin), "/"))
		switch origin {
		case "":
		case "*":
			p.any = true
		default:
			p.origins = append(p.origins, origin)
		}
	}
	return p
}

// answer adds the CORS headers, and answers preflights; true means that the request is done.
func (p *corsPolicy) answer(w http.ResponseWriter, r *http.Request) bool {
	if !p.any && !p.loopback && len(p.origins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	switch {
	case p.lists(origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	case p.any:
		h.Set("Access-Control-Allow-Origin", "*") // and never with credentials
	default:
		if preflight {
			w.WriteHeader(http.StatusNoContent) // without the headers a browser takes it as a refusal
		}
		return preflight
	}
	if preflight {
		h.Set("Access-Control-Allow-Methods", corsMethods)
		h.Set("Access-Control-Allow-Headers", corsHeaders)
		h.Set("Access-Control-Max-Age", corsMaxAge)
		w.WriteHeader(http.StatusNoContent)
		return true
	}
	h.Set("Access-Control-Expose-Headers", corsExposed)
	return false
}

func (p *corsPolicy) lists(origin string) bool {
	return slices.Contains(p.origins, strings.ToLower(origin)) || p.loopback && isLoopback(origin)
}

// isLoopback reports whether a page was served by this very machine.
func isLoopback(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && addr.IsLoopback()
}

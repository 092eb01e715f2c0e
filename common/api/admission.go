package api

import (
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"nms.example/common/api/internal/wire"
	"nms.example/common/authn"
	"nms.example/common/fault"
	"nms.example/common/request"
)

var errRate = fault.New(codeRate, "too many requests")

// identify finds the caller, takes its token from the rate limit and checks its permission. Failed
// authentication counts against the address, or guessing would be free.
func (a *API) identify(c *call, r *http.Request, route *route) error {
	var principal *authn.Principal
	var refusal error
	if !route.access.IsPublic() {
		principal, refusal = a.authenticate(c, r)
	}
	if principal != nil {
		c.actor = principal.Subject
		c.Context = request.WithLogin(authn.WithPrincipal(c.Context, principal), c.actor, principal.Login)
	}
	if err := a.limit(c, route); err != nil {
		return err
	}
	if refusal != nil {
		return challenge(c, refusal)
	}
	if need, ok := route.access.Permission(); ok {
		return authn.Authorize(principal, need)
	}
	return nil
}

func (a *API) authenticate(c *call, r *http.Request) (*authn.Principal, error) {
	if a.options.Authenticator == nil {
		return nil, authn.ErrNoCredentials
	}
	principal, err := a.options.Authenticator.Authenticate(c, r)
	if err == nil && principal == nil {
		err = authn.ErrNoCredentials
	}
	return principal, err
}

// challenge adds the header that a 401 must carry (RFC 6750, 3).
func challenge(c *call, refusal error) *Problem {
	p := ProblemOf(c, refusal)
	if p.Status != http.StatusUnauthorized {
		return p
	}
	if errors.Is(refusal, authn.ErrNoCredentials) {
		p.setHeader("WWW-Authenticate", `Bearer realm="nms"`)
	} else {
		p.setHeader("WWW-Authenticate", `Bearer realm="nms", error="invalid_token"`)
	}
	return p
}

func (a *API) limit(c *call, route *route) error {
	limiter, key := a.options.Limiter, c.actor
	if key == "" {
		key = "addr:" + wire.ClientNetwork(c.addr).String()
	} else if route.ownLimit {
		limiter = route.limiter
	}
	if limiter == nil || route.unlimited {
		return nil
	}
	if wait, ok := limiter.Allow(c, key); !ok {
		return errRate.After(max(wait, time.Second))
	}
	return nil
}

var errMediaType = fault.New(CodeMediaType, "the content type is not supported")

// prepareBody puts the inflating, bounded reader in place and refuses what can be refused unread.
func (a *API) prepareBody(c *call, g *gin.Context, r *route) error {
	source := g.Request.Body
	if source == nil || source == http.NoBody {
		return nil
	}
	// Also for bodies that nobody reads: net/http drains them after the answer.
	_ = huma.SetReadDeadline(c.writer, time.Now().Add(a.options.BodyTimeout)) // unsupported only without a connection
	if !r.hasBody {
		return nil
	}
	encodings := g.Request.Header["Content-Encoding"]
	if len(encodings) == 1 && r.encoding != "" && strings.EqualFold(encodings[0], r.encoding) {
		encodings = nil // the handler decodes it
	}
	coding, err := wire.CodingOf(encodings)
	if err != nil {
		g.Header("Accept-Encoding", "gzip, zstd")
		return err
	}
	if !r.takes(g.GetHeader("Content-Type")) {
		return errMediaType.With(fault.NewDetail(fault.Request("header.Content-Type"), CodeMediaType,
			"must be "+strings.Join(r.contentTypes, " or ")+", in UTF-8"))
	}
	if coding == wire.Identity && r.maxBody >= 0 && g.Request.ContentLength > r.maxBody {
		g.Header("Connection", "close")
		return wire.ErrTooLarge
	}
	c.body = &wire.Body{
		Source: source, Writer: c.writer, Coding: coding, Limit: r.maxBody,
		Timeout: a.options.BodyTimeout, Eachly: r.stream != nil,
	}
	g.Request.Body = c.body
	if r.stream != nil {
		// Without it net/http swallows the rest of the body once the answer has begun.
		_ = http.NewResponseController(c.writer).EnableFullDuplex() // unsupported only without a connection
	}
	return nil
}

// takes reports whether a body of this content type is read. No type at all counts as the right one.
func (r *route) takes(contentType string) bool {
	if contentType == "" || len(r.contentTypes) == 0 {
		return true
	}
	mediaType, parameters, _ := strings.Cut(contentType, ";")
	if parameters != "" && !inUTF8(contentType) {
		return false
	}
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	for _, taken := range r.contentTypes {
		if mediaType == taken {
			return true
		}
		// application/merge-patch+json and its kin are JSON.
		if taken == "application/json" && strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json") {
			return true
		}
	}
	return false
}

// inUTF8 reports whether the type of a text names no other character set than UTF-8 or a part of it. Parameters that cannot be read
// say nothing.
func inUTF8(contentType string) bool {
	_, parameters, _ := mime.ParseMediaType(contentType)
	set := strings.ToLower(parameters["charset"])
	return set == "" || set == "utf-8" || set == "utf8" || set == "us-ascii"
}

// clientAddr finds the client behind trusted proxies: from the right, the first address in
// X-Forwarded-For that is no trusted proxy's own. What stands further left is the client's invention.
func (a *API) clientAddr(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	if len(a.options.TrustedProxies) == 0 || !a.trusts(addr) {
		return addr
	}
	fields := r.Header["X-Forwarded-For"]
	for _, rest := range slices.Backward(fields) {
		for rest != "" {
			cut := strings.LastIndexByte(rest, ',')
			item := rest[cut+1:]
			rest = rest[:max(cut, 0)]
			next, ok := wire.ForwardedAddr(item)
			if !ok {
				return addr
			}
			addr = next
			if !a.trusts(addr) {
				return addr
			}
		}
	}
	return addr
}

func (a *API) trusts(addr netip.Addr) bool {
	for _, network := range a.options.TrustedProxies {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

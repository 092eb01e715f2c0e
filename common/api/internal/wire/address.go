package wire

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientNetwork returns what counts as one client: an IPv4 address or an IPv6 /64, of which everybody
// has 2^64 addresses.
func ClientNetwork(addr netip.Addr) netip.Addr {
	if addr.Is4() || !addr.IsValid() {
		return addr
	}
	network, err := addr.WithZone("").Prefix(64)
	if err != nil { // 64 suits every IPv6 address
		return addr
	}
	return network.Addr()
}

// ForwardedAddr reads "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or "[2001:db8::1]:4711".
func ForwardedAddr(item string) (netip.Addr, bool) {
	item = strings.TrimSpace(item)
	if addr, err := netip.ParseAddr(strings.Trim(item, "[]")); err == nil {
		return addr.Unmap().WithZone(""), true
	}
	if withPort, err := netip.ParseAddrPort(item); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

// Route changes r.URL to what the router looks up: without one trailing slash, and in its escaped
// form only when that hides a slash inside a segment (%2F).
func Route(r *http.Request) {
	u := r.URL
	raw := u.RawPath
	if raw != "" && !strings.Contains(raw, "%2F") && !strings.Contains(raw, "%2f") {
		raw = ""
	}
	slash := len(u.Path) > 1 && u.Path[len(u.Path)-1] == '/' && u.Path[len(u.Path)-2] != '/'
	if u.RawPath == "" && !slash {
		return
	}
	routed := *u
	routed.RawPath = raw
	if slash {
		routed.Path = strings.TrimSuffix(routed.Path, "/")
		routed.RawPath = strings.TrimSuffix(routed.RawPath, "/")
	}
	// The router would take + for a space in an escaped path.
	routed.RawPath = strings.ReplaceAll(routed.RawPath, "+", "%2B")
	r.URL = &routed
}

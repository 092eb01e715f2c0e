// Package gate stands between the browser and the services: it keeps the tokens of a session in a sealed cookie, renews
// them, refuses the calls of foreign pages and hands all others on to a fixed list of services. Tokens never reach a script
// (IETF, OAuth 2.0 for Browser-Based Applications, "backend for frontend").
package gate

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"nms.example/common/config"
)

// Settings are the variables of the gate.
type Settings struct {
	Key     config.Secret   `envconfig:"CONSOLE_KEY" required:"true" desc:"Key that seals the sessions in their cookies, the same in every instance. At least 32 bytes in prod."`
	OldKeys []config.Secret `envconfig:"CONSOLE_KEYS_OLD" desc:"Further keys whose cookies are opened, separated by commas: the previous one, the next one before a rotation."`

	Auth  string `envconfig:"AUTH_URL" default:"http://127.0.0.1:4000" desc:"Where the console reaches auth."`
	Cfg   string `envconfig:"CFG_URL" default:"http://127.0.0.1:4041" desc:"Where the console reaches cfg."`
	Ctrl  string `envconfig:"CTRL_URL" default:"http://127.0.0.1:4042" desc:"Where the console reaches ctrl."`
	Inbox string `envconfig:"INBOX_URL" default:"http://127.0.0.1:4043" desc:"Where the console reaches inbox."`
	Admin string `envconfig:"ADMIN_URL" default:"http://127.0.0.1:4044" desc:"Where the console reaches admin."`
}

// minKeyBytes is the least length of a key in prod: as many bytes as the cipher's key has.
const minKeyBytes = 32

// Validate implements config.Validator.
func (s *Settings) Validate(r *config.Report) {
	if !s.Key.IsZero() {
		checkKey(r, "CONSOLE_KEY", s.Key)
	}
	for _, key := range s.OldKeys {
		checkKey(r, "CONSOLE_KEYS_OLD", key)
	}
	for name, address := range map[string]string{
		"AUTH_URL": s.Auth, "CFG_URL": s.Cfg, "CTRL_URL": s.Ctrl, "INBOX_URL": s.Inbox, "ADMIN_URL": s.Admin,
	} {
		if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
			u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
			r.Fault(name, "an address such as http://127.0.0.1:4000, without a path")
		}
	}
}

func checkKey(r *config.Report, name string, key config.Secret) {
	switch {
	case len(key.Reveal()) >= minKeyBytes:
	case r.Environment == config.Dev:
		r.Warnf("%s has fewer than %d bytes: good enough for dev only, prod refuses it", name, minKeyBytes)
	default:
		r.Fault(name, "at least 32 bytes in prod, for instance from `openssl rand -base64 48`")
	}
}

// Gate lets calls through. It is safe for concurrent use.
type Gate struct {
	sealer    *sealer
	issuer    *issuer
	refresher *refresher
	services  map[string]http.Handler // by the name in their paths
	origin    *http.CrossOriginProtection
	write     func(http.ResponseWriter, *http.Request, error)
	draining  <-chan struct{}
	now       func() time.Time
	close     func()
}

// Options are what the gate needs of its service.
type Options struct {
	// WriteError answers a request with a problem.
	WriteError func(http.ResponseWriter, *http.Request, error)
	// Draining is closed when the service begins to stop; streams end then.
	Draining <-chan struct{}
}

// New makes a gate.
func New(s Settings, options Options) (*Gate, error) {
	sealer, err := newSealer(append([]config.Secret{s.Key}, s.OldKeys...)...)
	if err != nil {
		return nil, err
	}
	transport := newTransport()
	g := &Gate{
		sealer: sealer, origin: http.NewCrossOriginProtection(), write: options.WriteError, draining: options.Draining, now: time.Now,
		issuer: &issuer{address: s.Auth, now: time.Now, client: &http.Client{
			Transport: transport, Timeout: refreshPatience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}},
		services: map[string]http.Handler{}, close: transport.CloseIdleConnections,
	}
	g.refresher = newRefresher(g.issuer.exchange)
	for name, address := range map[string]string{"auth": s.Auth, "cfg": s.Cfg, "ctrl": s.Ctrl, "inbox": s.Inbox, "admin": s.Admin} {
		target, err := url.Parse(address)
		if err != nil {
			return nil, errors.New("gate: the address of " + name + " cannot be read")
		}
		g.services[name] = g.proxy(target, transport)
	}
	return g, nil
}

// Close lets go of the connections to the services.
func (g *Gate) Close(context.Context) error {
	g.close()
	return nil
}

// Login begins a session. mustChange says that the session can only change the password until that is done.
func (g *Gate) Login(ctx context.Context, login, password string) (cookie *http.Cookie, mustChange bool, err error) {
	t, mustChange, err := g.issuer.grant(ctx, url.Values{"grant_type": {"password"}, "username": {login}, "password": {password}})
	if err != nil {
		return nil, false, err
	}
	cookie, err = g.cookie(t)
	return cookie, mustChange, err
}

// Refresh replaces the tokens of a session, whether or not their time is over: after a change of the role, or of the
// password, the old ones are refused.
func (g *Gate) Refresh(ctx context.Context, value string) (*http.Cookie, error) {
	old, err := g.sealer.open(value)
	if err != nil {
		return nil, errSession.Because(err)
	}
	t, err := g.refresher.refresh(ctx, old)
	if err != nil {
		return nil, err
	}
	return g.cookie(t)
}

// Logout ends the session of a cookie. None, or one that cannot be opened, has ended already.
func (g *Gate) Logout(ctx context.Context, value string) error {
	t, err := g.sealer.open(value)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	if !t.fresh(g.now()) {
		if t, err = g.refresher.refresh(ctx, t); errors.Is(err, errSession) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return g.issuer.logout(ctx, t.Access)
}

// cookie seals tokens. The cookie ends with the browser; the session itself by auth's rules.
func (g *Gate) cookie(t tokens) (*http.Cookie, error) {
	value, err := g.sealer.seal(t)
	if err != nil {
		return nil, err
	}
	return &http.Cookie{Name: Cookie, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}, nil
}

// NoCookie takes the session's cookie out of the browser.
func NoCookie() *http.Cookie {
	return &http.Cookie{Name: Cookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

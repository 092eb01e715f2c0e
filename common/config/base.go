package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"
	_ "time/tzdata" // TZ must work in images that carry no zone files
)

// Environment says for whom the service runs.
type Environment string

// The environments. Prod is the default, so that nothing is lax by omission.
const (
	Dev  Environment = "dev"
	Prod Environment = "prod"
)

// Decode implements Decoder.
func (e *Environment) Decode(value string) error {
	switch Environment(value) {
	case Dev, Prod:
		*e = Environment(value)
		return nil
	}
	return errNotTaken
}

func (*Environment) expects() string { return "dev or prod" }

// TimeZone is a zone of the IANA database such as Europe/Moscow; the zero value is UTC.
type TimeZone struct{ location *time.Location }

// Decode implements Decoder.
func (z *TimeZone) Decode(value string) error {
	location, err := time.LoadLocation(value)
	// "Local" would mean the zone that is about to be replaced.
	if err != nil || value == "Local" {
		return errNotTaken
	}
	z.location = location
	return nil
}

func (*TimeZone) expects() string { return "a zone of the IANA database such as Europe/Moscow" }

// Location returns the zone, never nil.
func (z TimeZone) Location() *time.Location {
	if z.location == nil {
		return time.UTC
	}
	return z.location
}

// String returns the zone's name.
func (z TimeZone) String() string { return z.Location().String() }

// Base is what every service reads. A service embeds it in its own settings.
type Base struct {
	TZ          TimeZone    `envconfig:"TZ" default:"UTC" desc:"Time zone of the answers and the log, a name of the IANA database."`
	Environment Environment `envconfig:"ENVIRONMENT" default:"prod" desc:"dev: readable log, interactive docs at /docs, start data, weak keys only warned about. prod: none of it."`
	Testing     bool        `envconfig:"TESTING" default:"false" desc:"Taken over from the original system so that its .env files go on working; switches nothing."`
	Debug       bool        `envconfig:"DEBUG" default:"false" desc:"True lowers LOG_LEVEL to debug."`

	Host string `envconfig:"HOST" default:"127.0.0.1" desc:"Address to listen on. The images set 0.0.0.0."`
	Port uint16 `envconfig:"PORT" desc:"Port to listen on; 0 takes any free one. Each service has its own default."`

	LogLevel slog.Level `envconfig:"LOG_LEVEL" default:"info" expect:"debug, info, warn or error" desc:"Least level that is logged: debug, info, warn, error."`

	CORSOrigins    []string      `envconfig:"CORS_ORIGINS" desc:"Origins whose pages may call the service, separated by commas (https://nms.example.org); * lets every page call, without credentials."`
	TrustedProxies []string      `envconfig:"TRUSTED_PROXIES" desc:"Addresses or networks of the proxies whose X-Forwarded-For is believed, separated by commas (10.0.0.0/8)."`
	MaxBodyBytes   int64         `envconfig:"MAX_BODY_BYTES" default:"8388608" min:"1024" max:"1073741824" desc:"Bound on a request body after it was inflated, in bytes."`
	RateLimit      float64       `envconfig:"RATE_LIMIT" default:"200" min:"0" max:"1000000" desc:"Requests per second that one user, key or address may make for long; 0 switches the limit off."`
	RateBurst      int           `envconfig:"RATE_BURST" default:"400" min:"1" max:"1000000" desc:"Requests that one user, key or address may make at once."`
	AuthTokenURL   string        `envconfig:"AUTH_TOKEN_URL" default:"http://127.0.0.1:4000/api/v1/auth/token" desc:"Where the Authorize button of /docs gets its token."`
	HealthInterval time.Duration `envconfig:"HEALTH_INTERVAL" default:"5s" min:"100ms" max:"5m" desc:"How often the dependencies are probed."`

	StartTimeout    time.Duration `envconfig:"START_TIMEOUT" default:"45s" min:"0s" max:"10m" desc:"How long a start waits for a database or RabbitMQ that cannot be reached yet."`
	ShutdownDelay   time.Duration `envconfig:"SHUTDOWN_DELAY" default:"0s" min:"0s" max:"5m" desc:"How long the service goes on taking requests after /readyz went 503, so that load balancers notice."`
	ShutdownTimeout time.Duration `envconfig:"SHUTDOWN_TIMEOUT" default:"8s" min:"100ms" max:"10m" desc:"How long open requests and background tasks may take to finish at stop. Keep it under the time after which your platform kills (Docker: 10 s)."`

	OTLPEndpoint  string  `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT" desc:"OpenTelemetry collector (OTLP over HTTP, http://collector:4318). Traces are sent only when it is set."`
	OTLPHeaders   Secret  `envconfig:"OTEL_EXPORTER_OTLP_HEADERS" desc:"Headers for the collector, name=value separated by commas."`
	OTLPSampleArg float64 `envconfig:"OTEL_TRACES_SAMPLER_ARG" default:"1" min:"0" max:"1" desc:"Share of the traces begun here that are sent, 0 to 1."`
}

// Level returns the least level that is logged.
func (b Base) Level() slog.Level {
	if b.Debug {
		return min(slog.LevelDebug, b.LogLevel)
	}
	return b.LogLevel
}

// Validate implements Validator.
func (b *Base) Validate(r *Report) {
	for _, origin := range b.CORSOrigins {
		if origin != "*" && !isOrigin(origin) {
			r.Fault("CORS_ORIGINS", "origins such as https://nms.example.org without a path, separated by commas")
			break
		}
	}
	for _, proxy := range b.TrustedProxies {
		_, addrErr := netip.ParseAddr(proxy)
		_, netErr := netip.ParsePrefix(proxy)
		if addrErr != nil && netErr != nil {
			r.Fault("TRUSTED_PROXIES", "addresses or networks such as 10.0.0.0/8, separated by commas")
			break
		}
	}
	if b.OTLPEndpoint != "" && !isHTTPURL(b.OTLPEndpoint) {
		r.Fault("OTEL_EXPORTER_OTLP_ENDPOINT", "a URL such as http://collector:4318")
	}
}

func isHTTPURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// isOrigin holds for scheme://host[:port] and nothing more (RFC 6454, section 6.1).
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && isHTTPURL(text) && u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil &&
		u.Hostname() != "*"
}

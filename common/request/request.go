// Package request carries what every layer may want to know about the call that it serves: the
// request id and who acts. The database layer writes both into each history row, the event layer into
// each event, the logger into each line.
package request

import "context"

type (
	idKey    struct{}
	actorKey struct{}
)

// MaxIDLength bounds a request id taken from a client, in bytes.
const MaxIDLength = 64

// WithID returns a context that carries the request id.
func WithID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, idKey{}, id)
}

// ID returns the request id, empty outside a request.
func ID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// actor is who acts, with the name that people know the actor by.
type actor struct{ id, login string }

// WithActor returns a context that carries who acts and has no login: "service:<name>" or "amqp:<user>".
func WithActor(ctx context.Context, id string) context.Context { return WithLogin(ctx, id, "") }

// WithLogin returns a context that carries who acts, "user:17" or "apikey:<uuid>", and the user's login, or the key's
// name, at this moment.
func WithLogin(ctx context.Context, id, login string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor{id: id, login: login})
}

// Actor returns who acts, empty when nobody is known.
func Actor(ctx context.Context) string {
	who, _ := ctx.Value(actorKey{}).(actor)
	return who.id
}

// ActorLogin returns the login that goes with Actor, empty when the actor has none.
func ActorLogin(ctx context.Context) string {
	who, _ := ctx.Value(actorKey{}).(actor)
	return who.login
}

// ValidID reports whether a client's request id is taken over: 1 to MaxIDLength letters, digits and
// "-_.:", so that it is safe in a log line, a header and a database setting.
func ValidID(id string) bool {
	if id == "" || len(id) > MaxIDLength {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}

package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"nms.example/common/authn"
)

// DefaultRecheck is how often the caller of an answer that stays open is looked at again.
const DefaultRecheck = 5 * time.Second

// recheck looks again and again, while an answer stays open, whether its caller may still have it, and ends the request
// when not: a session that has ended, a blocked user, a deleted key, a permission taken away, a token past its time.
// It costs a timer; most requests are over before it fires.
type recheck struct {
	api     *API
	call    *call
	request *http.Request
	route   *route
	cancel  context.CancelCauseFunc

	mu    sync.Mutex
	timer *time.Timer
	ended bool
	// told is set when the request's body was refused: whoever reads it may still answer what was taken before.
	told bool
}

// staysOpen reports whether an operation may take so long that its caller has to be looked at again.
func (r *route) staysOpen() bool {
	return !r.access.IsPublic() && (r.timeout <= 0 || r.timeout > DefaultRequestTimeout)
}

// prepareRecheck lets the request be ended from outside. It comes before anybody asks for the request's end.
func (a *API) prepareRecheck(c *call, r *http.Request, route *route) {
	ctx, cancel := context.WithCancelCause(c.Context)
	c.Context = ctx
	c.recheck = &recheck{api: a, call: c, request: r, route: route, cancel: cancel}
}

// start begins to look at the caller, who was let in.
func (k *recheck) start() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = time.AfterFunc(k.pause(authn.FromContext(k.call)), k.look)
}

// pause is the time to the next look, which is not after the end of the caller's token or key.
func (k *recheck) pause(p *authn.Principal) time.Duration {
	pause := k.api.options.Recheck
	if p != nil && !p.ExpiresAt.IsZero() {
		pause = min(pause, max(time.Until(p.ExpiresAt), time.Millisecond))
	}
	return pause
}

func (k *recheck) look() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	principal, err := k.api.authenticate(k.call, k.request)
	if need, ok := k.route.access.Permission(); ok && err == nil {
		err = authn.Authorize(principal, need)
	}
	if err == nil {
		k.timer.Reset(k.pause(principal))
		return
	}
	if body := k.call.body; !k.told && body != nil && body.Refuse(err) {
		k.told = true
		k.timer.Reset(k.api.options.Recheck)
		return
	}
	k.ended = true
	k.cancel(err)
}

// stop ends the looking and returns when no look is under way.
func (k *recheck) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
	if k.timer != nil {
		k.timer.Stop()
	}
	k.cancel(nil)
}
